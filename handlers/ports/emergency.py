"""The separate emergency process."""

from dataclasses import dataclass
from typing import Protocol

from approvals.order import Act


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """Position in the emergency process's ledger: its id and its number of lines. Comparison with a remembered mark
    shows whether the ledger was replaced by an older or another one."""

    ledger: str
    lines: int

    def follows(self, remembered: "LedgerMark | None") -> bool:
        """Return whether this is the same ledger, with at least as many lines."""
        return remembered is None or (self.ledger == remembered.ledger and self.lines >= remembered.lines)


@dataclass(frozen=True, slots=True)
class AloneCall:
    """One operation on one named device for one person alone, and why; `remembered` is the ledger's last known mark."""

    person: str
    act: Act
    device_id: str
    device_name: str
    why: str
    request_id: str
    remembered: LedgerMark | None = None


@dataclass(frozen=True, slots=True)
class AloneAnswer:
    """The operation is done: a sentence about it, Graph's request-id, and the ledger's position."""

    sentence: str
    answer_id: str
    ledger: LedgerMark | None = None


class EmergencyExecution(Protocol):
    """Runs operations through the separate emergency process."""

    async def execute(self, call: AloneCall, assertion: str) -> AloneAnswer:
        """Run the operation in the name of the person whose token this is; return the result.

        `Unavailable` means that it may or may not have happened; every other error means that it has not.
        """
