"""The posted cards of a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from approvals.audit import AuditEntry
from approvals.effects import Planned
from handlers.ports.places import Place, channel_of


@dataclass(frozen=True, slots=True)
class PostedCard:
    """One posted card, identified by the `attempt` to post it.

    `activity_id` is empty while the post is under way or if its answer was lost. `lost` means that the card could not
    be edited. `adopted` means that only a click, or the return of its team, shows that the card is there: no edit has
    reached it yet. `unnamed` means that Teams accepted the card but returned no message id, so nobody can edit it.
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
        """Return whether the card is in Teams and is kept up to date."""
        return bool(self.activity_id) and not self.lost

    def stands_in(self, channel: str) -> bool:
        """Return whether the card is in this channel, group chat or 1:1 chat of Teams."""
        return self.lives and channel_of(self.conversation) == channel


class PostedCards(Protocol):
    """Store of the posted cards."""

    async def of(self, request_id: str) -> tuple[PostedCard, ...]: ...

    async def save(
        self,
        copy: PostedCard,
        entries: Sequence[AuditEntry] = (),
        planned: Sequence[Planned] = (),
        *,
        if_stale: Sequence[Planned] = (),
        drawn_from: int = 0,
    ) -> None:
        """Store the copy, its audit entries and its effects in one step.

        Its message belongs to this copy from then on, even if a click had said otherwise. The effects in `if_stale` are
        dropped if the request still has the revision that the card was `drawn_from` and no other copy had the message.
        """

    async def swap(self, before: PostedCard | None, after: PostedCard | None, planned: Sequence[Planned] = ()) -> bool:
        """Replace one state of a copy with another (`None`: not known), and store its effects, in one step.

        Return false and change nothing if the copy is in another state by now, or if its message is another copy's.
        """
