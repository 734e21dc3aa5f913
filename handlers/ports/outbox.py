"""The queue of effects, each leased to one replica at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from approvals.effects import Effect, Planned


@dataclass(frozen=True, slots=True)
class Leased:
    """An effect that is ours until the lease ends. `attempt` counts from 1; `token` fences late answers."""

    id: str
    effect: Effect
    attempt: int
    token: str


class Outbox(Protocol):
    """The queue of effects, each leased to one replica at a time."""

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        """Add effects that no decision asks for (such as for a card that nobody knew of)."""

    async def lease(self, limit: int) -> Sequence[Leased]:
        """Return effects that are due now; each is ours for one lease."""

    async def done(self, leased: Leased) -> bool:
        """Remove it; return false if the lease was lost or it was planned again meanwhile."""

    async def again(self, leased: Leased, at: datetime, why: str, *, excused: bool = False) -> bool:
        """Try later; after the last attempt it becomes a dead letter. An `excused` attempt hardly counts: a neighbour
        was away."""

    async def first_due(self) -> datetime | None:
        """Return when the first of all effects is due, or was due if nobody has leased it; `None` if there is none."""

    async def dead_letters(self) -> Sequence[Mapping[str, str]]:
        """Return what was given up: `id`, `why`, `since`. For the operator."""

    async def given_up(self) -> Mapping[str, Effect]:
        """Return the effects of the dead letters, by their ids, as far as they can still be read."""

    async def retry(self, ids: Collection[str], at: datetime) -> None:
        """Plan these dead letters again, with all their attempts. They stay dead letters until they are done."""

    async def wait(self, timeout: float) -> None:
        """Wait until something may be due, for `timeout` seconds at most."""
