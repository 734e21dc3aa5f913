"""Creates every journey from the ports that it names. Its dependencies can be read here.

Each class adds the journeys of some packages to those below it, so no journey can depend on one above it.
"""
