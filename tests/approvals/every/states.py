"""A request in every state that it can be in, each reached by the events that really lead to it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from approvals.asking import Draft, ask
from approvals.lifecycle import ExecutionEvent
from approvals.order import Act, Option
from approvals.people import Application
from approvals.problems import CalledOff
from approvals.reconcile import Terms, open_request
from approvals.request import DecisionsMode, IntuneStatus, Request, Verdict
from approvals.subject import Reach, Relation, Target, TargetKind
from tests.approvals.builders import ADMINS, ALEX, CORA, DANA, NOW, RITA, SUBJECT, eligibility, seen
from tests.approvals.every import steps
from tests.approvals.every.steps import (
    ALEX_ELIGIBLE,
    BORIS,
    CORA_ELIGIBLE,
    DANA_ELIGIBLE,
    FLOW,
    SOON,
    Happens,
    in_force,
)

WIPE = replace(SUBJECT, policy_types=("deviceWipe",), kind="ManagedDevice", action="wipe", target="PC-1")
OTHER = replace(SUBJECT, content_sha256="f" * 64)
"""Rita's script with other content: somebody changed it after she had filed it."""

GROWN = (Reach(Relation.REACHES, Target(TargetKind.GROUP, "e1", "Laptops", "security group", 980)),)

UNREAD = replace(OTHER, unread=("what it changes",))
"""The same script, where Graph does not show what changed."""

PIPELINE = Application("ci", "Pipeline")
OWNED = replace(PIPELINE, owners=(replace(DANA, accounts=frozenset({"d2"})),))


def states() -> Mapping[str, Request]:
    """Return the request in every state, by the name of the state, in the order in which requests reach them."""
    return dict([*_filed_in_intune(), *_asked_here()])


def _filed_in_intune() -> Iterator[tuple[str, Request]]:
    both = (steps.votes(ALEX_ELIGIBLE), steps.votes(CORA_ELIGIBLE))
    carries, agreed = steps.carries(CORA_ELIGIBLE), steps.intune_agreed(CORA)
    opened = _opened()
    yield "open", opened
    yield "open, of an application", _opened(requestor=PIPELINE)
    yield "open, of Dana's application", _opened(requestor=OWNED)
    yield "open, of nobody known", _opened(requestor=None)
    yield "open, only followed", _opened(in_force(workflows=(replace(FLOW, groups=()),)))
    yield "one vote", _after(opened, *both[:1])
    yield (
        "one vote, linked since",
        replace(_after(opened, *both[:1]), requestor=replace(RITA, accounts=frozenset({"alex"}))),
    )
    yield "claimed", _after(opened, steps.is_claimed(ALEX_ELIGIBLE))
    yield "reminded", _after(opened, steps.is_climbed(0, NOW + 2 * steps.HOUR))
    yield "on call", _after(opened, steps.is_climbed(1, NOW + 4 * steps.HOUR))
    paged = _after(opened, steps.is_climbed(1, SOON), steps.is_paged(0, DANA))
    yield "paged", paged
    yield "paged, claimed", _after(paged, steps.is_claimed(ALEX_ELIGIBLE))
    without_chat = in_force(workflows=(replace(FLOW, ladder=replace(steps.LADDER, chat="")),))
    yield "open, without a chat for those on call", _opened(without_chat)
    yield "urgent", _after(opened, steps.is_urgent(ALEX_ELIGIBLE))
    yield "approved", _after(opened, *both)
    yield "approved, tracked", _after(_opened(in_force(decisions=DecisionsMode.TRACK)), *both)
    yield "approved, changed since", replace(_after(opened, *both), subject=OTHER)
    yield "approved, grown since", replace(_after(opened, *both), subject=replace(SUBJECT, reaches=GROWN))
    hides = _shows(IntuneStatus.NEEDS_APPROVAL, subject=UNREAD)
    yield "one vote, hidden", _after(opened, *both[:1], hides)
    yield "approved, hidden", _after(opened, *both, hides)
    yield "approved, carried now", _after(opened, *both, carries)
    yield "approved, troubled", _after(opened, *both, carries, steps.intune_refused(CORA))
    yield "approved, carried", _after(opened, *both, carries, agreed)
    yield "approved, completed", _after(opened, *both, carries, agreed, _shows(IntuneStatus.COMPLETED, CORA_ELIGIBLE))
    yield "rejected", _after(opened, steps.votes(ALEX_ELIGIBLE, Verdict.REJECT))
    yield (
        "rejected, carried",
        _after(
            opened,
            steps.votes(ALEX_ELIGIBLE, Verdict.REJECT),
            steps.carries(ALEX_ELIGIBLE, Verdict.REJECT),
            steps.intune_agreed(ALEX),
        ),
    )
    yield (
        "rejected, approved in Intune",
        _after(opened, steps.votes(ALEX_ELIGIBLE, Verdict.REJECT), _shows(IntuneStatus.APPROVED, CORA_ELIGIBLE)),
    )
    yield "expired", _after(opened, steps.time_is_up(opened.deadline))
    yield "approved, expired in Intune", _after(opened, *both, _shows(IntuneStatus.EXPIRED))
    for status in IntuneStatus:
        yield f"{status} in Intune", _after(opened, _shows(status, ALEX_ELIGIBLE))
    wiped = _opened(subject=WIPE)
    yield "wipe, completed in Intune", _after(wiped, _shows(IntuneStatus.COMPLETED, ALEX_ELIGIBLE, WIPE))
    yield "approved in Intune, by nobody known", _after(opened, _shows(IntuneStatus.APPROVED))
    yield "approved in Intune, after a vote", _after(opened, *both[:1], _shows(IntuneStatus.APPROVED, CORA_ELIGIBLE))
    yield "approved in Intune, for other content", _after(opened, _shows(IntuneStatus.APPROVED, ALEX_ELIGIBLE, OTHER))
    yield "glass broken", _after(opened, steps.breaks_glass(BORIS))
    yield (
        "glass broken, carried",
        _after(opened, steps.breaks_glass(BORIS), steps.carries(eligibility(BORIS)), steps.intune_agreed(BORIS)),
    )
    yield "glass broken, by a custodian", _after(opened, steps.breaks_glass(steps.SHARED, acting="cora"))
    yield "glass calls for one", _after(opened, steps.breaks_glass(RITA))
    yield "glass calls for one, locked", _after(opened, steps.breaks_glass(BORIS, locked=True))
    yield "glass calls for one, of an application", _after(_opened(requestor=PIPELINE), steps.breaks_glass(BORIS))
    yield "glass calls for one, of nobody known", _after(_opened(requestor=None), steps.breaks_glass(BORIS))
    lost = replace(RITA, known=False)
    yield "glass calls for one, of somebody unknown", _after(_opened(requestor=lost), steps.breaks_glass(BORIS))
    yield "drilled", _after(opened, steps.breaks_glass(BORIS, drill=True))
    yield "under review", _after(opened, steps.review_is_opened)
    yield "reviewed", _after(opened, steps.review_is_opened, steps.review_is_closed(CORA_ELIGIBLE))


def _asked_here() -> Iterator[tuple[str, Request]]:
    both = (steps.votes(ALEX_ELIGIBLE), steps.votes(CORA_ELIGIBLE))
    asked, called = _asked(), steps.is_filed(SOON)
    held = (*both, called, steps.is_held, _shows(IntuneStatus.NEEDS_APPROVAL))
    carried = (*held, steps.carries(CORA_ELIGIBLE), steps.intune_agreed(CORA))
    seen_approved = (*carried, _shows(IntuneStatus.APPROVED, CORA_ELIGIBLE))
    completing = (*seen_approved, steps.is_completed_by_us(SOON))
    sent = (*completing, steps.completing_worked)
    yield "order", asked
    yield "order, a drill", _asked(drill=True)
    yield "order, called off", _after(asked, steps.is_called_off(RITA))
    yield "order, rejected", _after(asked, steps.votes(DANA_ELIGIBLE, Verdict.REJECT))
    yield "order, approved", _after(asked, *both)
    yield "order, approved, tracked", _after(_asked(to=in_force(decisions=DecisionsMode.TRACK)), *both)
    yield "order, approved, changed since", replace(_after(asked, *both), subject=replace(WIPE, target="PC-2"))
    yield "order, approved, hidden", replace(_after(asked, *both), hidden=("what it changes",))
    yield "order, filed now", _after(asked, *both, called)
    yield "order, unanswered", _after(asked, *both, called, steps.is_unanswered)
    yield "order, blocked", _after(asked, *both, called, steps.is_not_filed("graph-1"))
    yield "order, held back", _after(asked, *both, steps.is_held_back)
    yield "order, ran unheld", _after(asked, *both, called, steps.ran_unheld)
    yield "order, held", _after(asked, *held)
    yield "order, held, called off", _after(asked, *held, steps.is_called_off(RITA))
    yield (
        "order, called off and cancelled in Intune",
        _after(asked, *held, steps.is_called_off(RITA), _shows(IntuneStatus.CANCELLED)),
    )
    yield "order, carried", _after(asked, *carried)
    yield "order, approved in Intune", _after(asked, *seen_approved)
    yield (
        "order, approved in Intune by Rita",
        _after(asked, *held, _shows(IntuneStatus.APPROVED, eligibility(RITA, ADMINS))),
    )
    yield "order, approved in Intune by nobody", _after(asked, *held, _shows(IntuneStatus.APPROVED))
    yield "order, approved in Intune, hidden", replace(_after(asked, *seen_approved), hidden=("what it changes",))
    yield "order, completed now", _after(asked, *completing)
    yield "order, not completed", _after(asked, *completing, steps.completing_failed(look=False))
    yield "order, completed", _after(asked, *sent)
    yield "order, running", _after(asked, *sent, steps.is_seen(ExecutionEvent.STARTED, SOON))
    yield "order, of unknown outcome", _after(asked, *sent, steps.is_seen(ExecutionEvent.LEFT, SOON))
    yield "order, done", _after(asked, *sent, steps.is_seen(ExecutionEvent.ENDED, SOON))
    yield "order, rejected in Intune", _after(asked, *held, _shows(IntuneStatus.REJECTED, ALEX_ELIGIBLE))
    yield "order, glass broken", _after(asked, steps.breaks_glass(BORIS))
    calls = _after(asked, steps.breaks_glass(RITA))
    yield "order, glass calls for one", calls
    yield "order, asked alone", _after(calls, steps.is_asked_alone("rita"))
    yield (
        "order, asked alone after a drill",
        _after(asked, steps.breaks_glass(BORIS, drill=True), steps.breaks_glass(RITA), steps.is_asked_alone("rita")),
    )
    yield "order, asked alone and approved", _after(calls, steps.is_asked_alone("rita"), steps.votes(ALEX_ELIGIBLE))
    blocked = replace(calls, filing=replace(calls.filing, problem=CalledOff())) if calls.filing else calls
    yield "order, asked alone with a problem", _after(blocked, steps.is_asked_alone("rita"))
    yield "order, not done alone", _after(calls, steps.is_asked_alone("rita"), steps.is_not_done_alone(in_doubt=False))
    yield "order, in doubt alone", _after(calls, steps.is_asked_alone("rita"), steps.is_not_done_alone(in_doubt=True))
    yield "order, done alone", _after(calls, steps.is_asked_alone("rita"), steps.is_done_alone)


def _opened(to: Terms | None = None, **changes: Any) -> Request:
    shown = seen(IntuneStatus.NEEDS_APPROVAL, **changes)
    return open_request("R1", shown, to or in_force(), NOW, history=False).request


def _asked(to: Terms | None = None, **changes: Any) -> Request:
    draft = Draft(
        "R1", RITA, Act.WIPE, "PC-1", NOW, options=frozenset({Option.KEEP_USER_DATA}), target_id="d1",
        justification="Stolen on the train", subject=WIPE,
    )  # fmt: skip
    return ask(replace(draft, **changes), WIPE, to or in_force(), NOW).request


def _shows(status: IntuneStatus, approver: Any = None, subject: Any = None) -> Happens:
    changes = {"subject": subject} if subject else {}
    return steps.shows(status, approver, modified_at=SOON, approved_at=SOON, **changes)


def _after(on: Request, *happens: Happens) -> Request:
    return reduce(lambda known, step: step(known).request, happens, on)
