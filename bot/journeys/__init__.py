"""Every journey, put together from the ports that it names. What needs what can be read here.

Each class adds the journeys of some rooms to those below it, so nothing can need what stands above it.
"""
