"""Simulated Entra on loopback."""

from simulator.entra.faults import EntraFaults
from simulator.entra.grants import Grant
from simulator.entra.service import Entra
from simulator.entra.tokens import BOT_FRAMEWORK, GRAPH

__all__ = ["BOT_FRAMEWORK", "GRAPH", "Entra", "EntraFaults", "Grant"]
