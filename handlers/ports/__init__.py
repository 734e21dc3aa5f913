"""Interfaces to the outside world: a module for each neighbouring system, and the errors that they may raise."""
