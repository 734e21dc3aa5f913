"""The card of an operation that a person has completed in Intune."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.request import Execution, OnDevice, Request, Sent
from cards import outcomes
from cards.request_card import draw
from cards.status import status_of
from tests.cards.reading import check, text
from tests.samples.gallery import NOW, SAMPLES, look

COMPLETED = next(sample.request for sample in SAMPLES if sample.name == "completed")


def on(*executions: Execution) -> Request:
    """Return the completed request on many devices, each of which has come this far."""
    devices = tuple(OnDevice(f"d{number}", one) for number, one in enumerate(executions))
    return replace(COMPLETED, execution=Execution.RUNNING, sent=Sent(NOW, devices=devices))


@pytest.mark.parametrize(
    ("execution", "word", "says"),
    [
        (Execution.SENT, "Completed", "It happens when the device is next in contact."),
        (Execution.RUNNING, "Completed and running", "Intune says that it is under way."),
        (Execution.DONE, "Done", "Intune says that it is done."),
        (Execution.FAILED, "Failed", "Intune says that it has failed."),
        (Execution.UNKNOWN, "Completed, outcome unknown", "Nobody knows whether it has happened."),
    ],
)
def test_how_far_it_has_come(execution: Execution, word: str, says: str) -> None:
    """The card says how far the operation has come, as it does for an order."""
    request = replace(COMPLETED, execution=execution, sent=Sent(NOW))

    assert status_of(request).word == word
    card = draw(request, look())
    check(card)
    assert says in text(card)


def test_why_nobody_knows() -> None:
    """The card says why the outcome is unknown: the device left Intune too early, or it was followed to the end."""
    left = replace(COMPLETED, execution=Execution.UNKNOWN, sent=Sent(NOW, missing_since=NOW))

    assert "nothing was seen of the operation before" in outcomes.outcome_unknown(left)
    assert "followed for 14 days" in outcomes.outcome_unknown(replace(left, sent=Sent(NOW)))


def test_that_nothing_has_shown_stands_on_the_card() -> None:
    """Once it was told that nothing has shown, the card says so too."""
    doubted = replace(COMPLETED, execution=Execution.SENT, sent=Sent(NOW, doubted_at=NOW + timedelta(hours=8)))

    assert "Nothing has shown yet that it has happened." in text(draw(doubted, look()))


@pytest.mark.parametrize(
    ("executions", "says"),
    [
        ((Execution.DONE, Execution.RUNNING), "1 of 2 devices are done, says Intune."),
        ((Execution.DONE, Execution.DONE), "All 2 devices are done, says Intune."),
        ((Execution.FAILED, Execution.SENT), "0 of 2 devices are done, says Intune. 1 has failed."),
        ((Execution.UNKNOWN, Execution.DONE), "Nobody knows of 1 of 2 devices."),
    ],
)
def test_many_devices_are_counted(executions: tuple[Execution, ...], says: str) -> None:
    """The card says how many of the devices are done."""
    card = draw(on(*executions), look())
    check(card)
    assert says in text(card)


def test_the_status_counts_as_well() -> None:
    """The status counts the devices as well, because a notification shows nothing else."""
    assert status_of(on(Execution.DONE, Execution.RUNNING)).word == "Completed, 1 of 2 done"


def test_an_object_is_not_followed() -> None:
    """A change of an object is not followed: the card says to look in Intune whether it worked."""
    subject = replace(COMPLETED.subject, policy_types=("script",), kind="DeviceManagementScript", action="delete")

    assert "seen in Intune, not here" in text(draw(replace(COMPLETED, subject=subject, sent=Sent(NOW)), look()))
