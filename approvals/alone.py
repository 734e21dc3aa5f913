"""Acting alone: only through the separate emergency process, where one is deployed; Countersign itself never does it.

The call is recorded before it is made, so that a crash in between cannot hide that it may have happened.
"""

from dataclasses import replace
from datetime import datetime

from approvals import lifecycle, refusals
from approvals.audit import Identified, Kind
from approvals.brake import BrakedCall, stopping
from approvals.change import Change
from approvals.effects import (
    Alarm,
    Announce,
    EndAttempt,
    File,
    Follow,
    NotificationKind,
    PostCards,
    RemindReview,
    Reply,
)
from approvals.emergency import ANSWER_TIME, Attempt, BreakGlassRecord, ExecutionAnswer, Way
from approvals.held import FIRST_LOOK, mark_sent
from approvals.lifecycle import DecisionEvent, FilingEvent
from approvals.order import Act
from approvals.outcome import Outcome
from approvals.quorum import is_decidable
from approvals.request import Decided, Request

ALONE = frozenset({Act.WIPE, Act.RETIRE})
"""The operations of the emergency process: each acts on one lost device."""


def start_alone(request: Request, account: str, now: datetime) -> Outcome:
    """Reserve the one call to the emergency process, for this account's latest use of break-glass.

    After a clear answer of "nothing was done" the call may be repeated; the emergency process does nothing twice.
    """
    change, glass = Change(request, now), calling_glass(request)
    if glass is None or glass.locked or glass.invoker.account != account or not may_be_done_alone(request, now):
        return Outcome(request, refusal=refusals.NotAlone())
    if glass.alone is not None and (glass.alone.is_open or glass.alone.in_doubt):
        return Outcome(request, refusal=refusals.NotAlone())
    _answer(change, glass, replace(glass, alone=Attempt(now)))
    change.note(Kind.ASKED_ALONE, glass.invoker, Identified.BY_TOKEN, why=glass.why)
    change.plan(EndAttempt(request.id), now + ANSWER_TIME)  # in case this process stops meanwhile
    return change.outcome(unless=stopping(BrakedCall.ALONE, request))


def executed_alone(request: Request, reserved: Request, sentence: str, answer_id: str, now: datetime) -> Outcome:
    """Record that the emergency process has done it: no further approval is needed, and the operation is followed.

    `answer_id` is Graph's request-id. Break-glass data that the store has lost since then is restored from `reserved`.
    """
    change = Change(request, now)
    _bring_back(change, reserved)
    glass, filing = _asking_glass(change.request), request.filing
    if glass is None or glass.alone is None or filing is None:
        return change.outcome()
    _answer(
        change, glass, replace(glass, way=Way.EXECUTED, alone=replace(glass.alone, answer=ExecutionAnswer(sentence)))
    )
    evidence = {"graph_request": answer_id}
    change.note(Kind.EXECUTED_ALONE, glass.invoker, Identified.BY_TOKEN, why=sentence, evidence=evidence)
    if lifecycle.may(filing.state, FilingEvent.ALONE):
        state = lifecycle.file(filing.state, FilingEvent.ALONE)
        done = replace(filing, state=state, since=now, problem=None)
        change.request = replace(change.request, filing=done, carry=None)
        mark_sent(change, now, glass.at)
    if lifecycle.may(request.decision, DecisionEvent.GLASS_BROKEN):
        decision = lifecycle.decide(request.decision, DecisionEvent.GLASS_BROKEN)
        change.request = replace(change.request, decided=Decided(decision, now, request.digest))
    change.plan(Reply(request.id, NotificationKind.GLASS_BROKEN))
    change.plan(Alarm(request.id, NotificationKind.GLASS_BROKEN))
    change.plan(Follow(request.id), now + FIRST_LOOK)
    return change.outcome()


def not_executed_alone(request: Request, reserved: Request, sentence: str, now: datetime, *, in_doubt: bool) -> Outcome:
    """Record that the emergency process did nothing, or that its result is unknown (`in_doubt`). One other person has
    to approve.

    Break-glass data that the store has lost since then is restored from `reserved`.
    """
    change = Change(request, now)
    _bring_back(change, reserved)
    glass = _asking_glass(change.request)
    if glass is None or glass.alone is None:
        return change.outcome()
    _answer(change, glass, replace(glass, alone=replace(glass.alone, answer=ExecutionAnswer(sentence, in_doubt))))
    # Not identified by token: the emergency process may have refused the invoker's token, or never received it.
    change.note(Kind.NOT_ALONE, glass.invoker, after="in doubt" if in_doubt else "nothing", why=sentence)
    if in_doubt:
        change.plan(Alarm(request.id, NotificationKind.GLASS_BROKEN))
    if request.is_approved:
        change.plan(File(request.id))
    return change.outcome()


def may_be_done_alone(request: Request, now: datetime) -> bool:
    """Return whether the emergency process could run this order: it is a wipe or a retire, it has not been sent
    anywhere, and it can still be decided here."""
    filing = request.filing
    waits = filing is not None and filing.order.act in ALONE and lifecycle.may(filing.state, FilingEvent.ALONE)
    return waits and request.takes_votes and is_decidable(request) and now < request.deadline and not request.drill


def end_attempt(request: Request, now: datetime) -> Outcome:
    """Mark the attempt as in doubt once no answer can come; the next decision has to check Intune first."""
    glass = _asking_glass(request)
    if glass is None or glass.alone is None or now < glass.alone.asked_at + ANSWER_TIME:
        return Outcome(request)
    return not_executed_alone(request, request, "The emergency process did not answer.", now, in_doubt=True)


def calling_glass(request: Request) -> BreakGlassRecord | None:
    """Return the latest use of break-glass that calls for another approver."""
    return next((glass for glass in reversed(request.glass) if glass.calls_for_another), None)


def _asking_glass(request: Request) -> BreakGlassRecord | None:
    asked = (glass for glass in reversed(request.glass) if glass.alone is not None and glass.alone.is_open)
    return next(asked, None)


def _bring_back(change: Change, reserved: Request) -> None:
    """Restore the break-glass record and its review if the store went back to before the call to the emergency
    process."""
    glass, request = _asking_glass(reserved), change.request
    if glass is None or any(one.at == glass.at and one.alone is not None for one in request.glass):
        return
    others = (one for one in request.glass if one.at != glass.at)
    change.request = replace(change.request, glass=(*others, glass), review=request.review or reserved.review)
    change.plan(PostCards(request.id))
    change.plan(Announce(request.id, NotificationKind.GLASS_BROKEN))
    if change.request.review is not None:
        change.plan(RemindReview(request.id, 1), change.request.review.due)


def _answer(change: Change, before: BreakGlassRecord, after: BreakGlassRecord) -> None:
    change.request = replace(
        change.request, glass=tuple(after if glass is before else glass for glass in change.request.glass)
    )
