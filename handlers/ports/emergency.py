"""The separate emergency process."""

from dataclasses import dataclass
from typing import Protocol

from approvals.order import Act


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """How far the emergency process' ledger has come: its id, and its lines. Who remembers one notices a ledger that
    went back."""

    ledger: str
    lines: int

    def follows(self, remembered: "LedgerMark | None") -> bool:
        """Whether this is of the same ledger, which holds no less."""
        return remembered is None or (self.ledger == remembered.ledger and self.lines >= remembered.lines)


@dataclass(frozen=True, slots=True)
class AloneCall:
    """What one person alone wants done to one named device, and why; `remembered` is how far its ledger had come."""

    person: str
    act: Act
    device_id: str
    device_name: str
    why: str
    request_id: str
    remembered: LedgerMark | None = None


@dataclass(frozen=True, slots=True)
class AloneAnswer:
    """It is done: the sentence that tells so, Graph's request-id, and how far the process' ledger has come."""

    sentence: str
    answer_id: str
    ledger: LedgerMark | None = None


class Alone(Protocol):
    """The separate emergency process."""

    async def execute(self, call: AloneCall, assertion: str) -> AloneAnswer:
        """Have it done in the name of the person whose token this is; what came of it.

        `Unavailable` means that it may or may not have happened; every other error that it has not.
        """
