"""A simulated Microsoft tenant on loopback: Entra, Graph with Multi-Admin Approval, and Teams' Bot Connector.

The demo, the tests and the benchmarks use it. The product never imports it and cannot tell it from a real tenant.
"""
