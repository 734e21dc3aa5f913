"""Helpers of the deciding tests: they vote."""

from typing import Any

from approvals.audit import Identified, Kind
from approvals.people import Person
from approvals.request import Request, Verdict
from cards.actions import Verb
from handlers.incoming.clicks import Answer, Click
from tests.handlers.clicking import click, scene, words
from tests.handlers.stage import Stage

APPROVE, REJECT = Verb.CONFIRM_APPROVE, Verb.CONFIRM_REJECT


async def confirm(stage: Stage, clicked: Click) -> Answer:
    """Run the second step of a vote with this click."""
    verb = clicked.button.verb
    assert verb is Verb.CONFIRM_APPROVE or verb is Verb.CONFIRM_REJECT
    return await stage.journeys.voting.confirm(await scene(stage, clicked), verb)


async def approve(stage: Stage, who: Person, request: Request, **changes: Any) -> Answer:
    """Approve the request as it is stored now."""
    return await confirm(stage, click(who, APPROVE, stage.now_of(request), **changes))


async def reject(stage: Stage, who: Person, request: Request, note: str = "Not today", **changes: Any) -> Answer:
    """Reject the request as it is stored now."""
    return await confirm(stage, click(who, REJECT, stage.now_of(request), note=note, **changes))


async def press(stage: Stage, who: Person, verb: Verb, request: Request, **changes: Any) -> Answer:
    """Run the first step of a vote on this request."""
    assert verb is Verb.APPROVE or verb is Verb.REJECT
    return await stage.journeys.voting.second_step(await scene(stage, click(who, verb, request, **changes)), verb)


def verdicts(request: Request) -> dict[str, Verdict]:
    """Return the verdicts by account."""
    return {vote.voter.account: vote.verdict for vote in request.votes}


def refused(stage: Stage, before: Request, why: str, answer: Answer) -> None:
    """Check that the answer and the last entry say why, and that nothing else has changed."""
    assert why in words(answer)
    last = stage.audit[-1]
    assert (last.kind, last.identified) == (Kind.REFUSED, Identified.BY_CHANNEL)
    assert why in last.why
    assert stage.now_of(before) == before
    assert stage.intune.said == []
