"""What the rules answer: the request as it is now, what follows from it, or why nothing changed."""

from dataclasses import dataclass

from approvals.audit import AuditEntry
from approvals.brake import Brake
from approvals.effects import Planned
from approvals.refusals import Refusal
from approvals.request import Request


@dataclass(frozen=True, slots=True)
class Outcome:
    """The request after the rules have spoken, what must be done, what is recorded, and the refusal if there is one.

    With a refusal the request is the one that came in and nothing is to be done. What claims a call that
    changes something in Intune is stored only where none of the brakes called `unless` is on; `locks` are pulled.
    """

    request: Request
    planned: tuple[Planned, ...] = ()
    entries: tuple[AuditEntry, ...] = ()
    refusal: Refusal | None = None
    unless: tuple[str, ...] = ()
    locks: tuple[Brake, ...] = ()
