"""Stopping calls to Intune and letting them go on, from Teams and from a shell; and what follows when a brake moves."""

from collections.abc import Callable, Sequence

import structlog

from approvals import lifting
from approvals.brake import Brake, holding_up
from approvals.effects import AwaitIntune, Complete, Effect, File, Occasion, Planned, RefreshCards, Reply
from approvals.lifting import Move
from approvals.request import CarryState, Request
from approvals.sighting import Standing
from handlers.desk import Desk
from handlers.ports import Brakes, Conflict
from handlers.refusals import record

MOST_TRIES = 5
"""Few people move one brake at the same time."""

log = structlog.get_logger(__name__)

Rule = Callable[[Sequence[Brake]], Move]
"""What somebody wants, decided on the brakes that are on."""


async def pause(desk: Desk, who: Standing, why: str) -> str:
    """Stop what the table says; the answer says what holds from now on."""
    now = await desk.clock.now()
    return await _in_teams(desk, who, "/pause", lambda on: lifting.pause(on, who, why, now))


async def resume(desk: Desk, who: Standing) -> str:
    """Let calls go on, once two people want it."""
    now = await desk.clock.now()
    return await _in_teams(desk, who, "/resume", lambda on: lifting.resume(on, who, now))


async def unlock(desk: Desk, who: Standing, typed: str) -> str:
    """Lift the lock of a policy type."""
    now = await desk.clock.now()
    return await _in_teams(desk, who, "/unlock", lambda on: lifting.unlock(on, who, typed, now))


async def move(brakes: Brakes, rule: Rule) -> Move:
    """Store what the rule makes of the brakes that are on; `Conflict` if others move them all the time."""
    for _ in range(MOST_TRIES):
        decided = rule(await brakes.on())
        if decided.refusal or await brakes.swap(decided.before, decided.after, decided.entries, decided.planned):
            return decided
    raise Conflict("the brakes never came to rest")


async def say(desk: Desk, text: str) -> None:
    """Write an event down for whoever reads the log, and in the operations channel where there is one."""
    log.error("brake_moved", text=text)
    if desk.operations_channel:
        await desk.chat.say(desk.operations_channel, text)


async def recheck(desk: Desk, name: str) -> None:
    """Redraw every decision that waits for a call, now that the brake of this name was pulled or lifted; if it was
    lifted, try what it held back, and call for somebody to finish what takes a person."""
    on = await desk.brakes.on()
    lifted = name not in {brake.name for brake in on}
    found = [await desk.requests.load(request_id) for request_id in await desk.requests.open_ids()]
    waiting = [request for request in found if request and not request.takes_votes]
    planned = [effect for request in waiting for effect in _follows(request, on, lifted=lifted)]
    now = await desk.clock.now()
    await desk.outbox.plan([Planned(effect) for effect in planned], now)


def _follows(request: Request, on: Sequence[Brake], *, lifted: bool) -> list[Effect]:
    effects: list[Effect] = [RefreshCards(request.id)]
    if lifted and request.filing:
        effects += [File(request.id), Complete(request.id), AwaitIntune(request.id)]
    waits = request.is_approved and request.carry_state is CarryState.TROUBLED
    if lifted and waits and holding_up(on, request) is None:
        effects.append(Reply(request.id, Occasion.WAITS_FOR_ONE))
    return effects


async def _in_teams(desk: Desk, who: Standing, command: str, rule: Rule) -> str:
    moved = await move(desk.brakes, rule)
    if moved.refusal:
        return await record(desk, who.person, moved.refusal.sentence, command=command)
    return moved.said
