"""A Microsoft tenant on loopback: Entra, Graph with Multi-Admin Approval, and Teams' Bot Connector.

The demo, the tests and the benchmarks use it. The product never imports it and does not know that it talks to one.
"""
