"""What is due, leased to one replica at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from approvals.effects import Effect, Planned


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect that is ours until the lease ends. `attempt` counts from 1; `token` fences late answers."""

    id: str
    effect: Effect
    attempt: int
    token: str


class Outbox(Protocol):
    """What is due, leased to one replica at a time."""

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        """Have this done although no decision asks for it (a card found that nobody knew of)."""

    async def claim(self, limit: int) -> Sequence[Claimed]:
        """Effects that are due now; each stays ours for one lease."""

    async def done(self, claimed: Claimed) -> bool:
        """Forget it; false if the lease was lost or it was planned anew meanwhile."""

    async def again(self, claimed: Claimed, at: datetime, why: str, *, excused: bool = False) -> bool:
        """Try later; after the last attempt it becomes a dead letter. An attempt that is `excused` hardly counts: a
        neighbour was away."""

    async def first_due(self) -> datetime | None:
        """When the first of all effects is due, or was if nobody has claimed it; `None` where there is none."""

    async def dead_letters(self) -> Sequence[Mapping[str, str]]:
        """What was given up: `id`, `why`, `since`. For the operator."""

    async def given_up(self) -> Mapping[str, Effect]:
        """What the dead letters are about, by their ids, as far as it can still be read."""

    async def retry(self, ids: Collection[str], at: datetime) -> None:
        """Have these dead letters done after all, with all their attempts before them. They stay letters until they
        are done."""

    async def wait(self, timeout: float) -> None:
        """Return when something may be due, after `timeout` seconds at the latest."""
