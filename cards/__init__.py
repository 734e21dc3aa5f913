"""Adaptive Cards: state in, JSON out. Pure, and fit for Teams (version 1.5)."""
