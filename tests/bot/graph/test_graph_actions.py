"""The progress of a wipe, as the record of the device shows it: by its action results or by its state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approvals.order import Act
from bot.graph.actions import progress_of
from handlers.ports.orders import Progress

SENT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EARLIER, LATER = SENT - timedelta(days=30), SENT + timedelta(hours=2)


def result(state: str, at: datetime, action: str = "wipe") -> dict[str, Any]:
    """Return one action result of a device."""
    return {"actionName": action, "actionState": state, "startDateTime": at.isoformat()}


def shown(state: str, *results: dict[str, Any], act: Act = Act.WIPE, enrolled: datetime = EARLIER) -> Progress:
    """Return the progress that such a record shows for an action that was sent at `SENT`."""
    device = {"managementState": state, "deviceActionResults": list(results), "enrolledDateTime": enrolled.isoformat()}
    return progress_of(act, device, SENT)


@pytest.mark.parametrize(
    ("state", "act", "progress"),
    [
        ("managed", Act.WIPE, Progress.WAITING),
        ("wipePending", Act.WIPE, Progress.RUNNING),
        ("wipeIssued", Act.WIPE, Progress.RUNNING),
        ("WipeFailed", Act.WIPE, Progress.STOPPED),
        ("wipeCanceled", Act.WIPE, Progress.STOPPED),
        ("retirePending", Act.RETIRE, Progress.RUNNING),
        ("retireIssued", Act.RETIRE, Progress.RUNNING),
        ("retireFailed", Act.RETIRE, Progress.STOPPED),
        ("retireCanceled", Act.RETIRE, Progress.STOPPED),
        ("deletePending", Act.DELETE, Progress.RUNNING),
        ("retireIssued", Act.WIPE, Progress.WAITING),
        ("wipePending", Act.DELETE, Progress.WAITING),
        ("unhealthy", Act.WIPE, Progress.WAITING),
        ("discovered", Act.WIPE, Progress.WAITING),
        ("unknownFutureValue", Act.WIPE, Progress.WAITING),
        ("wipeWhatever", Act.WIPE, Progress.WAITING),
        ("", Act.WIPE, Progress.WAITING),
    ],
)
def test_the_state_tells_where_no_result_does(state: str, act: Act, progress: Progress) -> None:
    """Without a result, the state of the device tells the progress of this act; "issued" does not mean done."""
    assert shown(state, act=act) is progress


@pytest.mark.parametrize(
    ("of", "progress"),
    [("pending", Progress.RUNNING), ("done", Progress.DONE), ("failed", Progress.FAILED)],
)
def test_a_result_says_it_best(of: str, progress: Progress) -> None:
    """A result of this action counts more than the state of the device."""
    assert shown("managed", result(of, LATER)) is progress
    assert shown("wipeCanceled", result(of, LATER)) is progress


@pytest.mark.parametrize("of", ["none", "somethingNew"])
def test_a_result_that_says_nothing_leaves_it_to_the_state(of: str) -> None:
    """If the result has an unknown word or none, the state counts."""
    assert shown("wipePending", result(of, LATER)) is Progress.RUNNING


@pytest.mark.parametrize(
    ("of", "state", "progress"),
    [
        ("pending", "wipePending", Progress.WAITING),
        ("done", "wipeIssued", Progress.WAITING),
        ("failed", "wipeFailed", Progress.WAITING),
        ("failed", "wipePending", Progress.RUNNING),
        ("done", "wipePending", Progress.RUNNING),
    ],
)
def test_the_state_may_be_that_of_an_earlier_wipe(of: str, state: str, progress: Progress) -> None:
    """An old result means that the state belongs to an earlier wipe; only a pending state belongs to the new one."""
    assert shown(state, result(of, EARLIER)) is progress


def test_other_actions_tell_nothing() -> None:
    """Results of other actions do not count."""
    assert shown("wipePending", result("done", LATER, "remoteLock")) is Progress.RUNNING
    assert shown("managed", result("done", LATER, "remoteLock")) is Progress.WAITING


def test_a_device_that_was_enrolled_since() -> None:
    """A device that was enrolled after the wipe was sent is a new record; a small difference between clocks is
    ignored."""
    assert shown("managed", enrolled=LATER) is Progress.ANEW
    assert shown("managed", enrolled=SENT + timedelta(seconds=30)) is Progress.WAITING
    assert shown("wipePending", enrolled=LATER) is Progress.RUNNING
    assert progress_of(Act.WIPE, {"enrolledDateTime": "9999-12-31T23:59:59Z"}, SENT) is Progress.WAITING
    assert progress_of(Act.WIPE, {"enrolledDateTime": None}, SENT) is Progress.WAITING


def test_the_latest_result_counts() -> None:
    """The latest result counts, whatever its place in the list."""
    later = LATER + timedelta(hours=1)
    for results in ([result("failed", LATER), result("done", later)], [result("done", later), result("failed", LATER)]):
        assert shown("managed", *results) is Progress.DONE
    assert shown("wipePending", result("failed", EARLIER), result("pending", EARLIER - timedelta(days=1))) is (
        Progress.RUNNING
    )


@pytest.mark.parametrize("missing", [None, "", "0001-01-01T00:00:00Z"])
def test_a_result_that_does_not_say_when_it_began(missing: str | None) -> None:
    """A result without a start time counts by its last update: only if that is later than the sending."""
    one = {"actionName": "Wipe", "actionState": "Done", "startDateTime": missing}
    assert shown("managed", one | {"lastUpdatedDateTime": LATER.isoformat()}) is Progress.DONE
    assert shown("managed", one | {"lastUpdatedDateTime": EARLIER.isoformat()}) is Progress.WAITING
    assert shown("managed", one) is Progress.WAITING


def test_one_word_in_two_spellings() -> None:
    """The spellings "canceled" and "cancelled" mean the same."""
    assert shown("wipeCancelled") is Progress.STOPPED
    assert shown("managed", result("cancelled", LATER)) is Progress.FAILED


@pytest.mark.parametrize(
    ("act", "action", "progress"),
    [
        (Act.WIPE, "factoryReset", Progress.DONE),
        (Act.RETIRE, "removeCompanyData", Progress.DONE),
        (Act.RETIRE, "factoryReset", Progress.WAITING),
        (Act.DELETE, "removeCompanyData", Progress.WAITING),
    ],
)
def test_the_words_of_intunes_audit(act: Act, action: str, progress: Progress) -> None:
    """The names that Intune's audit uses for an action are recognised."""
    assert shown("managed", result("done", LATER, action), act=act) is progress
