"""Where the cards of a request stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from approvals.audit import AuditEntry
from approvals.effects import Planned
from handlers.ports.places import Place, channel_of


@dataclass(frozen=True, slots=True)
class Copy:
    """One posted card, known by the `attempt` to post it.

    `activity_id` is empty while its post is under way or its answer was lost. `lost` means that it could not be edited.
    `adopted` means that only a click says that it stands there: no edit has reached it yet. `unnamed` means that Teams
    took it and did not say as which message: it stands there, and nobody can edit it.
    """

    request_id: str
    place: Place
    conversation: str = ""
    activity_id: str = ""
    lost: bool = False
    attempt: str = ""
    adopted: bool = False
    unnamed: bool = False

    @property
    def lives(self) -> bool:
        """Return whether it stands in Teams and is kept true."""
        return bool(self.activity_id) and not self.lost

    def stands_in(self, channel: str) -> bool:
        """Return whether it stands in this channel, group chat or 1:1 chat of Teams."""
        return self.lives and channel_of(self.conversation) == channel


class Copies(Protocol):
    """Where the cards of a request stand."""

    async def of(self, request_id: str) -> tuple[Copy, ...]: ...

    async def save(
        self,
        copy: Copy,
        entries: Sequence[AuditEntry] = (),
        planned: Sequence[Planned] = (),
        *,
        if_stale: Sequence[Planned] = (),
        drawn_from: int = 0,
    ) -> None:
        """Remember it, what is recorded of it and what follows, in one step.

        Its message is this copy's from then on, also if a click had said otherwise. What follows `if_stale` is dropped
        if the request still has the revision that the card was `drawn_from`, and its message was nobody else's.
        """

    async def swap(self, before: Copy | None, after: Copy | None, planned: Sequence[Planned] = ()) -> bool:
        """Put one state of a copy in the place of another (`None`: not known), with what follows, in one step.

        False, and nothing happens, if it is in another state meanwhile, or if its message is another copy's.
        """
