"""The third beat of every flow: store what the rules decided, or decide again if somebody was faster."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from approvals.outcome import Outcome
from approvals.request import Request
from handlers.desk import Desk
from handlers.ports.errors import Conflict, NotFound
from handlers.ports.requests import Asked, Once, Stored, Write

MOST_TRIES = 25
"""Every lost race means that somebody else's decision was stored, so few are ever needed."""

Decide = Callable[[Request, datetime], Awaitable[Outcome]]
Rule = Callable[[Request, datetime], Outcome]


@dataclass(frozen=True, slots=True)
class Settled:
    """What was stored, and the request as it is now. `notice` is what the person was told, then or now."""

    request: Request
    outcome: Outcome
    stored: Stored
    notice: str = ""


async def settle(desk: Desk, request_id: str, decide: Decide, once: Once | None = None, person: str = "") -> Settled:
    """Load, decide and store until nobody interferes. `decide` may run several times, so it must not act.

    Raises `NotFound` for an unknown request and `Conflict` if it never comes to rest.
    """
    for _ in range(MOST_TRIES):
        request = await desk.requests.load(request_id)
        if request is None:
            raise NotFound("there is no such request")
        now = await desk.clock.now()
        outcome = await decide(request, now)
        settled = await store(desk, request, outcome, now, once, person)
        if settled.stored is not Stored.CONFLICT:
            return settled
    raise Conflict("the request never came to rest")


async def settle_by(desk: Desk, request_id: str, rule: Rule, once: Once | None = None, person: str = "") -> Settled:
    """The same by a rule that needs no facts beside the request."""

    async def decide(known: Request, now: datetime) -> Outcome:
        return rule(known, now)

    return await settle(desk, request_id, decide, once, person)


async def store(
    desk: Desk,
    before: Request,
    outcome: Outcome,
    now: datetime,
    once: Once | None = None,
    person: str = "",
    asked: Asked | None = None,
) -> Settled:
    """One try to store an outcome. `asked` counts it as an order, after those."""
    changed = outcome.request != before or before.revision == 0
    notice = outcome.refusal.sentence if outcome.refusal else ""
    if not (changed or outcome.entries or outcome.planned or once):
        return Settled(before, outcome, Stored.SAVED)
    write = Write(
        request=outcome.request,
        changed=changed,
        entries=outcome.entries,
        planned=outcome.planned,
        at=now,
        once=replace(once, notice=notice) if once else None,
        person=person,
        unless=outcome.unless,
        locks=outcome.locks,
        asked=asked,
    )
    receipt = await desk.requests.commit(write)
    saved = changed and receipt.stored is Stored.SAVED
    current = replace(outcome.request, revision=before.revision + 1) if saved else before
    return Settled(current, outcome, receipt.stored, receipt.notice or notice)
