"""Adaptive Cards for Teams (version 1.5): state in, JSON out, without side effects."""
