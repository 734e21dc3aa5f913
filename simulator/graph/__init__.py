"""Simulated Microsoft Graph with Intune's Multi-Admin Approval on loopback."""

from simulator.graph.faults import Fault, Kind
from simulator.graph.knobs import Knobs
from simulator.graph.mail import Mail
from simulator.graph.service import Graph, Seen
from simulator.graph.state import Decision, Filed

__all__ = ["Decision", "Fault", "Filed", "Graph", "Kind", "Knobs", "Mail", "Seen"]
