"""The third step of every flow: store what the rules decided, or decide again if another write came first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from approvals.outcome import Outcome
from approvals.request import Request
from cards.because import worded
from cards.refusals import refusal_sentence
from handlers.ports.clock import Clock
from handlers.ports.errors import Conflict, NotFound
from handlers.ports.requests import Asked, IdempotencyKey, Requests, Stored, Write

MOST_TRIES = 25
"""Each lost race means that another decision was stored, so few tries are ever needed."""


Facts = TypeVar("Facts")


RequestRule = Callable[[Request, datetime], Outcome]
"""A decision of the rules on the request as it is at that time. It may be called several times, so it has no side
effects."""


@dataclass(frozen=True, slots=True)
class Committed:
    """Result of a commit, and the request as it is now. `notice` is the sentence for the person, the first one if
    repeated."""

    request: Request
    outcome: Outcome
    stored: Stored
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Commits:
    """Stores decisions in one step, and decides again if another write came first."""

    clock: Clock
    requests: Requests

    async def read(self, request_id: str) -> tuple[Request | None, datetime]:
        """Return the request as it is now, if there is one, and the present time."""
        return await self.requests.load(request_id), await self.clock.now()

    async def commit(
        self, request_id: str, rule: RequestRule, once: IdempotencyKey | None = None, person: str = ""
    ) -> Committed:
        """Load, decide by the rule and store, until no other write comes first.

        Raise `NotFound` for an unknown request and `Conflict` if other writes always come first.
        """

        async def nothing(_: Request) -> None:
            return None

        return await self.commit_on(request_id, nothing, lambda request, _, now: rule(request, now), once, person)

    async def commit_on(
        self,
        request_id: str,
        gather: Callable[[Request], Awaitable[Facts]],
        rule: Callable[[Request, Facts, datetime], Outcome],
        once: IdempotencyKey | None = None,
        person: str = "",
    ) -> Committed:
        """Do the same by a rule that needs further facts, which are gathered again for each try."""
        for _ in range(MOST_TRIES):
            request = await self.requests.load(request_id)
            if request is None:
                raise NotFound("there is no such request")
            facts, now = await gather(request), await self.clock.now()
            committed = await self.store(request, rule(request, facts, now), now, once, person)
            if committed.stored is not Stored.CONFLICT:
                return committed
        raise Conflict("the request kept changing")

    async def store(
        self,
        before: Request,
        outcome: Outcome,
        now: datetime,
        once: IdempotencyKey | None = None,
        person: str = "",
        asked: Asked | None = None,
    ) -> Committed:
        """Try once to store an outcome. `asked` counts it as an order, after those."""
        changed = outcome.request != before or before.revision == 0
        notice = refusal_sentence(outcome.refusal) if outcome.refusal else ""
        if not (changed or outcome.entries or outcome.planned or once):
            return Committed(before, outcome, Stored.SAVED)
        write = Write(
            request=outcome.request,
            changed=changed,
            entries=tuple(worded(entry) for entry in outcome.entries),
            planned=outcome.planned,
            at=now,
            once=replace(once, notice=notice) if once else None,
            person=person,
            unless=outcome.unless,
            locks=outcome.locks,
            asked=asked,
        )
        receipt = await self.requests.commit(write)
        saved = changed and receipt.stored is Stored.SAVED
        current = replace(outcome.request, revision=before.revision + 1) if saved else before
        return Committed(current, outcome, receipt.stored, receipt.notice or notice)
