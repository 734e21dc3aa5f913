"""An operation on many devices: each look covers a limited number of them, and one result covers all of them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import lifecycle
from approvals.audit import Kind
from approvals.completing import FOLLOWED_FOR, GONE_FOR_GOOD, SHOWS_NOTHING_AFTER
from approvals.effects import Effect, Follow, NotificationKind, RefreshCards, Reply
from approvals.lifecycle import ExecutionEvent
from approvals.many import MOST_AT_ONCE, UNREAD_AGAIN, Absent, Count, Seen, count_of, looked, next_round
from approvals.order import Act
from approvals.outcome import Outcome
from approvals.reconcile import open_request
from approvals.request import Execution, IntuneStatus, Request
from tests.approvals.builders import NOW, SUBJECT, seen, terms

BEGAN, ENDED, BROKE = ExecutionEvent.STARTED, ExecutionEvent.ENDED, ExecutionEvent.BROKE
SOON = NOW + timedelta(minutes=1)


def wiped(*devices: str, act: Act = Act.WIPE) -> Request:
    """Return Rita's wipe of these devices, which was completed in Intune."""
    subject = replace(SUBJECT, policy_types=(act.policy_type,), kind="ManagedDevice", action=act.value, target_id="")
    shown = seen(IntuneStatus.COMPLETED, subject=subject, devices=devices)
    return open_request("R1", shown, terms(), NOW, history=False).request


def effects(outcome: Outcome) -> list[Effect]:
    """Return the planned effects."""
    return [planned.effect for planned in outcome.planned]


def looks(outcome: Outcome) -> list[datetime | None]:
    """Return when the planned checks of the operation's progress (`Follow`) are due."""
    return [planned.due for planned in outcome.planned if isinstance(planned.effect, Follow)]


def reached(request: Request) -> list[Execution]:
    """Return how far the operation has come on each device."""
    assert request.sent is not None
    return [device.execution for device in request.sent.devices]


def test_it_is_followed_from_the_first_sighting() -> None:
    """The devices are followed from the first sighting, although the request names no single target."""
    subject = replace(SUBJECT, policy_types=("deviceWipe",), kind="ManagedDevice", action="wipe", target_id="")
    shown = seen(IntuneStatus.COMPLETED, subject=subject, devices=("d1", "d2"))

    assert Follow("R1") in effects(open_request("R1", shown, terms(), NOW, history=False))
    nobody = open_request("R1", replace(shown, devices=()), terms(), NOW, history=False)
    assert Follow("R1") not in effects(nobody)


def test_a_few_are_looked_at_and_then_the_next_ones() -> None:
    """A limited number of devices is looked at in one round; then come the next ones, and then the first again."""
    request = wiped(*(f"d{number}" for number in range(45)))
    assert request.sent is not None

    first = next_round(request.sent, 0)
    second = next_round(request.sent, first.begins)
    third = next_round(request.sent, second.begins)

    assert [len(one.devices) for one in (first, second, third)] == [MOST_AT_ONCE] * 3
    assert {*first.devices, *second.devices, *third.devices} == {device.id for device in request.sent.devices}
    assert third.devices[:5] == ("d40", "d41", "d42", "d43", "d44")
    assert third.devices[5:] == first.devices[:15]


def test_who_is_over_or_not_named_is_not_looked_at() -> None:
    """A device is not looked at again after its operation has ended, nor if it has no id."""
    request = looked(wiped("d1", "", "d2", "d3"), {"d1": ENDED, "d2": BROKE}, 0, SOON).request
    assert request.sent is not None

    assert next_round(request.sent, 0).devices == ("d3",)


def test_it_is_done_when_all_are() -> None:
    """The request is done when all devices are done; before that it is running, and the next devices are looked at."""
    request = wiped("d1", "d2")
    half = looked(request, {"d1": ENDED}, 7, SOON)
    done = looked(half.request, {"d2": ENDED}, 0, SOON)

    assert half.request.execution is Execution.RUNNING
    assert Follow("R1", 7) in effects(half)
    assert done.request.execution is Execution.DONE
    assert [one for one in effects(done) if isinstance(one, Follow | Reply)] == [Reply("R1", NotificationKind.DONE)]
    assert looked(done.request, {"d1": BROKE}, 0, SOON).request == done.request


def test_one_that_has_failed_makes_it_fail_once_all_are_over() -> None:
    """If one device has failed, the request fails when all others have ended."""
    first = looked(wiped("d1", "d2"), {"d1": BROKE}, 0, SOON).request
    assert first.execution is Execution.RUNNING

    assert looked(first, {"d2": ENDED}, 0, SOON).request.execution is Execution.FAILED


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        (Act.WIPE, None, Execution.UNKNOWN),
        (Act.WIPE, BEGAN, Execution.DONE),
        (Act.DELETE, None, Execution.DONE),
    ],
)
def test_one_that_is_not_found_for_a_while(act: Act, before: Seen, after: Execution) -> None:
    """A device has left Intune only when it was missing for some time; a look that finds it starts the time anew."""
    request = looked(wiped("d1", "d2", act=act), {"d1": before}, 0, NOW).request
    missing = {"d1": Absent.MISSING}
    once = looked(request, missing, 0, NOW).request
    again = looked(looked(once, {"d1": None}, 0, NOW).request, missing, 0, NOW + GONE_FOR_GOOD).request
    assert reached(again) == reached(request)

    assert reached(looked(once, missing, 0, NOW + GONE_FOR_GOOD).request) == [after, Execution.SENT]


def test_one_that_cannot_be_read_stays_as_it_was() -> None:
    """A device that cannot be read counts neither as found nor as missing: the time since it was missing goes on."""
    missing, unread = {"d1": Absent.MISSING}, {"d1": Absent.UNREADABLE}
    later = NOW + timedelta(hours=3)
    once = looked(wiped("d1", "d2"), missing, 0, later).request
    between = looked(once, unread, 0, later + GONE_FOR_GOOD / 2).request
    assert between == once

    gone = looked(between, missing, 0, later + GONE_FOR_GOOD).request
    assert reached(gone) == [Execution.UNKNOWN, Execution.SENT]


def test_what_a_look_does_not_tell_is_looked_at_again_soon() -> None:
    """A missing device is looked at again when it would count as gone, an unreadable one after a few minutes."""
    later = NOW + timedelta(hours=3)
    usual = looked(wiped("d1", "d2"), {"d1": None, "d2": BEGAN}, 0, later)
    missing = looked(wiped("d1", "d2"), {"d1": Absent.MISSING}, 0, later)
    gone = looked(missing.request, {"d1": Absent.MISSING}, 0, later + GONE_FOR_GOOD)
    unread = looked(wiped("d1", "d2"), {"d1": Absent.UNREADABLE}, 0, later)

    assert looks(missing) == [later + GONE_FOR_GOOD]
    assert looks(unread) == [later + UNREAD_AGAIN]
    assert looks(usual) == [later + timedelta(minutes=15)]
    assert looks(gone) == [later + GONE_FOR_GOOD + timedelta(minutes=15)]


def test_what_is_unknown_of_all_is_unknown() -> None:
    """If the outcome of all devices is unknown, the outcome of the request is unknown, and this is told at once."""
    missing = dict.fromkeys(("d1", "d2"), Absent.MISSING)
    once = looked(wiped("d1", "d2"), missing, 0, NOW).request
    gone = looked(once, missing, 0, NOW + GONE_FOR_GOOD)

    assert gone.request.execution is Execution.UNKNOWN
    assert Reply("R1", NotificationKind.OUTCOME_UNKNOWN) in effects(gone)
    assert Follow("R1") in effects(gone)


def test_at_the_end_nobody_knows_of_the_others() -> None:
    """At the end, devices without a result have an unknown outcome; a failed device weighs more than an unknown one."""
    request = looked(wiped("d1", "d2", "d3"), {"d1": ENDED}, 0, SOON).request
    failed = looked(request, {"d2": BROKE}, 0, SOON).request
    end = NOW + FOLLOWED_FOR

    assert looked(request, {}, 0, end).request.execution is Execution.UNKNOWN
    assert looked(failed, {}, 0, end).request.execution is Execution.FAILED
    assert not [one for one in effects(looked(request, {}, 0, end)) if isinstance(one, Follow)]
    devices = looked(failed, {}, 0, end).request.sent
    assert devices is not None
    assert count_of(devices.devices) == Count(of=3, done=1, failed=1, unknown=1)


def test_that_nothing_shows_is_said_once() -> None:
    """That no device shows the operation is recorded once, for all of them together."""
    doubted = looked(wiped("d1", "d2"), {"d1": None}, 0, NOW + SHOWS_NOTHING_AFTER)
    assert [entry.kind for entry in doubted.entries] == [Kind.NOT_SEEN]

    assert looked(doubted.request, {}, 0, NOW + SHOWS_NOTHING_AFTER).entries == ()


def test_a_look_that_shows_nothing_new_redraws_nothing() -> None:
    """A look that shows nothing new redraws no card, because there may be a look every few seconds."""
    outcome = looked(wiped("d1", "d2"), {"d1": None, "d2": None}, 0, SOON)

    assert RefreshCards("R1") not in effects(outcome)
    assert outcome.entries == ()


def test_the_more_there_are_the_sooner_the_next_look() -> None:
    """With more devices, looks come more often, so that each device is looked at about as often as a single one."""
    late = NOW + timedelta(hours=5)

    def pause(size: int) -> timedelta:
        planned = looked(wiped(*map(str, range(size))), {}, 0, late).planned
        [due] = [one.due for one in planned if one.effect == Follow("R1")]
        assert due is not None
        return due - late

    assert (pause(2), pause(400)) == (timedelta(minutes=15), timedelta(seconds=45))


SEEN = st.sampled_from([None, Absent.MISSING, *(one for one in ExecutionEvent if one is not ExecutionEvent.LOST)])
"""What a look at a device can show; `LOST` is not among it, because it is known only at the end."""


@given(st.lists(st.dictionaries(st.sampled_from(["d1", "d2", "d3"]), SEEN), max_size=8), st.booleans())
def test_the_whole_moves_as_its_parts_may(looks: list[dict[str, Seen]], ends: bool) -> None:
    """Whatever the looks show, the execution of the request moves only as its table allows."""
    request, now = wiped("d1", "d2", "d3"), NOW
    for look in looks:
        now += timedelta(minutes=11)
        after = looked(request, look, 0, now).request
        assert after.execution in {request.execution, *lifecycle.EXECUTIONS[request.execution].values()}
        request = after
    last = looked(request, {}, 0, NOW + FOLLOWED_FOR).request if ends else request
    assert last.execution in {request.execution, *lifecycle.EXECUTIONS[request.execution].values()}
