"""Following our filed orders in Intune: completed, approved by whom, or ended."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from approvals import lifecycle
from approvals.audit import Kind
from approvals.carry import CALL_LEASE
from approvals.change import Change
from approvals.decide import drop, tell_requestor
from approvals.disagreement import Disagreement, disagreement
from approvals.effects import AwaitIntune, Complete, Follow, NotificationKind, Reply
from approvals.followed import operation_of
from approvals.lifecycle import ExecutionEvent, FilingEvent
from approvals.order import FilingState
from approvals.request import IntuneStatus, OnDevice, Sent

FIRST_LOOK = timedelta(seconds=10)
"""Delay before the first look at an order that was sent."""

ASK_WHO_AGAIN = timedelta(minutes=1)
"""Pause between two looks for the approver, if Intune does not name one: its audit lags a little."""


def follow_filing(change: Change, modified_at: datetime | None, *, moved: bool) -> None:
    """Continue from Intune's present status, and its time; `moved` if the status is new."""
    match change.request.intune_status:
        case IntuneStatus.COMPLETED:
            complete(change, min(modified_at or change.now, change.now))
        case IntuneStatus.APPROVED:
            _follow_approved(change, moved=moved)
        case IntuneStatus.REJECTED | IntuneStatus.CANCELLED | IntuneStatus.EXPIRED if moved:
            _follow_ended(change)
        case IntuneStatus.REJECTED | IntuneStatus.CANCELLED | IntuneStatus.EXPIRED:
            pass  # seen before
        case IntuneStatus.NEEDS_APPROVAL | IntuneStatus.UNKNOWN | None:
            pass  # it waits, or its state is unknown
        case _:
            assert_never(change.request.intune_status)


def complete(change: Change, at: datetime, answer_id: str = "") -> None:
    """Record that the order was sent at that time (`answer_id` is Graph's request-id), and follow it to its end."""
    request, filing = change.request, change.request.filing
    if filing is None or not lifecycle.may(filing.state, FilingEvent.ANSWERED):
        return
    state = lifecycle.file(filing.state, FilingEvent.ANSWERED)
    done = replace(filing, state=state, since=at, problem=None, sealed_call="", put_off_since=None)
    change.request = replace(change.request, filing=done)
    mark_sent(change, at, filing.called_at or filing.held_at)
    change.note_ours(Kind.COMPLETED, filing.app_id, answer_id, before=filing.state, after=state)
    change.plan(Reply(request.id, NotificationKind.SENT))
    change.plan(Follow(request.id), change.now + FIRST_LOOK)


def mark_sent(change: Change, at: datetime, since: datetime | None = None, devices: tuple[str, ...] = ()) -> None:
    """The operation is on its way since then, unless more was seen of it already, and `since` an earlier time if nobody
    knows it as well as that. One on many devices names them."""
    if lifecycle.may(change.request.execution, ExecutionEvent.SENT):
        execution = lifecycle.execute(change.request.execution, ExecutionEvent.SENT)
        earlier = since if since is not None and since < at else None
        many = tuple(OnDevice(one) for one in devices) if len(devices) > 1 else ()
        change.request = replace(change.request, execution=execution, sent=Sent(at, devices=many, since=earlier))


def follow_others(change: Change) -> None:
    """Follow an operation that another person completed in Intune, if anything can show it."""
    if change.request.filing is None and operation_of(change.request) is not None:
        change.plan(Follow(change.request.id), change.now + FIRST_LOOK)


def _follow_approved(change: Change, *, moved: bool) -> None:
    request, filing = change.request, change.request.filing
    if filing is None:
        return
    if filing.state is FilingState.COMPLETING and change.now >= filing.since + CALL_LEASE:
        state = lifecycle.file(filing.state, FilingEvent.UNANSWERED)
        change.request = replace(change.request, filing=replace(filing, state=state, since=change.now))
        change.plan(Complete(request.id))  # we have looked: the approval code is unused; it can be used once
    elif filing.state is FilingState.HELD and disagreement(request) is Disagreement.APPROVED_BY_NOBODY_KNOWN:
        change.plan(AwaitIntune(request.id), change.now + ASK_WHO_AGAIN)
    elif filing.state is FilingState.HELD and disagreement(request) is None and (moved or filing.problem is None):
        change.plan(Complete(request.id))


def _follow_ended(change: Change) -> None:
    """Drop the order: Intune ended it before we could complete it."""
    filing = change.request.filing
    if filing is not None and lifecycle.may(filing.state, FilingEvent.DROPPED):
        drop(change)
        tell_requestor(change, NotificationKind.DECIDED_ELSEWHERE)
