"""The result of a rule: new state, effects and audit entries, or a refusal."""

from dataclasses import dataclass

from approvals.audit import AuditEntry
from approvals.brake import Brake
from approvals.effects import Planned
from approvals.refusals import Refusal
from approvals.request import Request


@dataclass(frozen=True, slots=True)
class Outcome:
    """The request after the rule, the effects to carry out, the audit entries, and the refusal if there is one.

    With a refusal, the request is unchanged and nothing is planned. A reservation of a call that changes something in
    Intune is stored only if none of the brakes named in `unless` is on; `locks` are pulled.
    """

    request: Request
    planned: tuple[Planned, ...] = ()
    entries: tuple[AuditEntry, ...] = ()
    refusal: Refusal | None = None
    unless: tuple[str, ...] = ()
    locks: tuple[Brake, ...] = ()
