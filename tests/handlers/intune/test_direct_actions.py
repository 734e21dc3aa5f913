"""What an emergency account does in Intune without a request alarms and is reviewed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from approvals.audit import Kind
from approvals.effects import Alarm, Announce, NotificationKind, PostCards
from approvals.emergency import Emergency, EmergencyAccount
from approvals.request import Request
from handlers.ports.intune import Audited
from tests.approvals.builders import CAB, person
from tests.fakes.clock import MORNING
from tests.fakes.intune import COMPLETED, wipe
from tests.handlers.stage import BOOK, Stage

GLASS, CUSTODIAN = person("glass"), person("custodian")
EMERGENCY = Emergency(
    open=True, accounts=(EmergencyAccount(GLASS, (CUSTODIAN,)),), reviewers=(CAB,), channels=("19:ops",)
)


@pytest.fixture
def stage() -> Stage:
    """Return a stage with one emergency account, shared by its custodians."""
    return Stage(replace(BOOK, emergency=EMERGENCY))


def did(about: Sequence[str] = ("d9",), at: timedelta = timedelta(), by: str = "glass", event: str = "e1") -> Audited:
    """Return an event of Intune's audit."""
    return Audited(event, by, "Wipe", "PC-9", tuple(about), MORNING + at)


async def look(stage: Stage, *done: Audited) -> list[Request]:
    """Look at Intune's audit with these events, and return the stored requests."""
    stage.intune.actions = list(done)
    await stage.journeys.direct_actions.look()
    return list(stage.store.requests.stored.values())


async def test_what_no_request_tells_of_is_reviewed(stage: Stage) -> None:
    """An action without a request is reviewed by people who had no part in it; operators and reviewers are told."""
    (request,) = await look(stage, did())

    assert (request.intune_id, request.subject.target) == ("audit:e1", "PC-9")
    assert request.review is not None
    assert request.review.people == (GLASS, CUSTODIAN)
    assert request.review.reviewers == (CAB,)
    assert stage.planned(Alarm) == [Alarm(request.id, NotificationKind.REVIEW_OPENED)]
    assert stage.planned(Announce) == [Announce(request.id, NotificationKind.REVIEW_OPENED)]
    assert stage.planned(PostCards) == [PostCards(request.id)]
    assert [entry.who for entry in stage.recorded(Kind.PICKED_UP)] == ["glass"]


async def test_an_event_is_reviewed_once(stage: Stage) -> None:
    """An event opens one review, however often it is read."""
    await look(stage, did())

    assert len(await look(stage, did(), did())) == 1


async def test_what_others_do_in_intune_is_their_work(stage: Stage) -> None:
    """Only actions of emergency accounts are looked at."""
    assert await look(stage, did(by="alex")) == []


async def test_what_is_older_than_three_days_is_left(stage: Stage) -> None:
    """Events older than three days are ignored, so the bot may be down for that long."""
    stage.clock.advance(days=3)
    assert len(await look(stage, did())) == 1

    stage.clock.advance(seconds=1)
    assert len(await look(stage, did(event="e2"))) == 1


async def test_what_is_about_a_known_request_is_reviewed_with_that(stage: Stage) -> None:
    """An action of a known request opens no second review."""
    await stage.taken_up()
    assert len(await look(stage, did(["i1"]))) == 1


async def test_what_is_about_a_request_that_was_not_read_yet_waits_for_the_poll(stage: Stage) -> None:
    """An action of a request that was not read yet opens no review, because the poll will store the request."""
    stage.intune.show(wipe())
    assert await look(stage, did(["i1"])) == []


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({"modified_at": MORNING + timedelta(minutes=5)}, True),
        ({"modified_at": MORNING + timedelta(minutes=5, seconds=1)}, False),
        ({"modified_at": MORNING - timedelta(minutes=5, seconds=1)}, False),
        ({"target_id": "d8"}, False),
        ({"raw_status": "approved"}, False),
    ],
    ids=["just-completed", "later", "earlier", "another-target", "not-completed"],
)
async def test_what_a_completed_request_has_done_is_no_doing_of_its_own(
    stage: Stage, changes: dict[str, Any], known: bool
) -> None:
    """An action that a completed request caused on the same target, at about the same time, is not reviewed."""
    stage.intune.show(replace(wipe(target_id="d9", raw_status=COMPLETED), **changes))

    found = await look(stage, did(["d9"]))

    assert (found == []) is known


@pytest.mark.parametrize("emergency", [None, replace(EMERGENCY, accounts=())], ids=["none", "groups-only"])
async def test_without_emergency_accounts_nobody_asks(emergency: Emergency | None) -> None:
    """Without emergency accounts, Intune's audit is not read."""
    stage = Stage(replace(BOOK, emergency=emergency))
    assert await look(stage, did()) == []
