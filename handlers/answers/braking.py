"""Stop calls to Intune and let them go on, from Teams and from a shell.

The rules say who may, and how many people it takes; here their decision is stored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from approvals import lifting
from approvals.brake import Brake
from approvals.lifting import Move
from approvals.snapshot import Eligibility
from cards.because import worded
from cards.brakes import answer
from cards.refusals import refusal_sentence
from handlers.ports.brakes import Brakes
from handlers.ports.clock import Clock
from handlers.ports.errors import Conflict
from handlers.storing.refusals import Refusals

MOST_TRIES = 5
"""Few people change one brake at the same time."""

MoveRule = Callable[[Sequence[Brake]], Move]
"""A change of a brake, decided on the brakes that are on."""


async def move(brakes: Brakes, rule: MoveRule) -> Move:
    """Store what the rule decides about the brakes that are on; raise `Conflict` if others move them all the time."""
    for _ in range(MOST_TRIES):
        decided = rule(await brakes.on())
        entries = tuple(map(worded, decided.entries))
        if decided.refusal or await brakes.swap(decided.before, decided.after, entries, decided.planned):
            return decided
    raise Conflict("the brakes kept changing")


@dataclass(frozen=True, slots=True)
class Braking:
    """Pulls and lifts brakes for people in Teams. Refusals are recorded."""

    clock: Clock
    brakes: Brakes
    refusals: Refusals

    async def pause(self, who: Eligibility, why: str) -> str:
        """Stop calls to Intune; the answer says what is stopped from now on."""
        now = await self.clock.now()
        return await self._in_teams(who, "/pause", lambda on: lifting.pause(on, who, why, now))

    async def resume(self, who: Eligibility) -> str:
        """Let calls go on, once two people want it."""
        now = await self.clock.now()
        return await self._in_teams(who, "/resume", lambda on: lifting.resume(on, who, now))

    async def unlock(self, who: Eligibility, typed: str) -> str:
        """Lift the lock of a policy type."""
        now = await self.clock.now()
        return await self._in_teams(who, "/unlock", lambda on: lifting.unlock(on, who, typed, now))

    async def _in_teams(self, who: Eligibility, command: str, rule: MoveRule) -> str:
        moved = await move(self.brakes, rule)
        if moved.refusal:
            return await self.refusals.record(who.person, refusal_sentence(moved.refusal), command=command)
        return answer(moved)
