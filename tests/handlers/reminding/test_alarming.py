"""Incidents for operators, and news for recipients outside the tenant."""

from typing import Any

import pytest

from approvals.effects import CallOut, CallOutIncident, NotificationKind, SayIncident
from approvals.incident import Concern, Incident
from handlers.ports.errors import Unavailable
from handlers.ports.intune import Identity
from handlers.ports.outside import News, NewsKind
from handlers.reminding.alarming import Alarming
from tests.fakes.clock import MORNING
from tests.fakes.outside import Outside
from tests.fakes.teams import Chat
from tests.handlers.stage import OPERATIONS, Stage

INCIDENT = Incident.at_once(Concern.POLLING, "Alarm: ask rita@company.example about it.", MORNING)
OVER = Incident.at_once(Concern.POLLING, "It is over.", MORNING, over=True)


@pytest.fixture
def chat() -> Chat:
    """Return a fake Teams."""
    return Chat()


@pytest.fixture
def outside() -> Outside:
    """Return a fake recipient outside the tenant."""
    return Outside()


async def test_an_incident_is_said_in_the_operations_channel(chat: Chat, outside: Outside) -> None:
    """An incident is told in the operations channel; another effect tells it outside."""
    await Alarming(chat, OPERATIONS, outside).tell(SayIncident(INCIDENT))

    assert chat.lines(OPERATIONS) == [INCIDENT.text]
    assert outside.heard == []


@pytest.mark.parametrize(("incident", "kind"), [(INCIDENT, NewsKind.ALARM), (OVER, NewsKind.OVER)])
async def test_an_incident_is_told_outside_without_accounts(
    chat: Chat, outside: Outside, incident: Incident, kind: NewsKind
) -> None:
    """An incident is told outside without accounts, under its own id, so that a repetition is recognised."""
    await Alarming(chat, OPERATIONS, outside).tell(CallOutIncident(incident))

    text = incident.text.replace("rita@company.example", "[address]")
    assert outside.heard == [News(incident.id, kind, Concern.POLLING, text, MORNING)]
    assert chat.messages == []


async def test_without_anybody_outside_nothing_is_told_there(chat: Chat) -> None:
    """If nobody outside is configured, nothing is told there."""
    await Alarming(chat, OPERATIONS, None).tell(CallOutIncident(INCIDENT))

    assert chat.messages == []


async def test_without_an_operations_channel_nothing_is_said(chat: Chat, outside: Outside) -> None:
    """Without an operations channel nothing is said, apart from the log."""
    alarming = Alarming(chat, "", outside)
    await alarming.tell(SayIncident(INCIDENT))
    await alarming.say("Paused by Alex")

    assert chat.messages == []


async def test_a_brake_that_moved_is_said(chat: Chat, outside: Outside) -> None:
    """A change of a brake is told in the operations channel."""
    await Alarming(chat, OPERATIONS, outside).say("Paused by Alex")

    assert chat.lines(OPERATIONS) == ["Paused by Alex"]


async def test_silence_outside_is_raised(chat: Chat, outside: Outside) -> None:
    """If the recipient outside does not answer, the error is raised, and a repetition has the same id."""
    outside.troubles.loses.add("tell")
    alarming = Alarming(chat, OPERATIONS, outside)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await alarming.tell(CallOutIncident(INCIDENT))

    assert len({news.id for news in outside.heard}) == 1


# --- alarms and pages of requests ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notification", "kind"), [(NotificationKind.PAGED, NewsKind.PAGE), (NotificationKind.BELOW_QUORUM, NewsKind.ALARM)]
)
async def test_a_page_is_told_apart_from_an_alarm(stage: Stage, notification: NotificationKind, kind: NewsKind) -> None:
    """A page and an alarm are different kinds of news; each occasion has its own id, and a repetition has the same."""
    request = await stage.taken_up()
    first = CallOut(request.id, notification, MORNING)
    later = CallOut(request.id, notification, stage.clock.time.replace(hour=9))
    for effect in (first, first, later):
        await stage.journeys.alarming.call_out(request, effect)

    ids = [news.id for news in stage.outside.heard]
    assert (len(set(ids)), ids[0]) == (2, ids[1])
    assert {news.kind for news in stage.outside.heard} == {kind}
    assert stage.outside.heard[0].request_id == request.id


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({"justification": "because of Otto's divorce"}, "divorce"),
        ({"target": "rita@company.example"}, "rita@company.example"),
        ({"target": "0c9a8b7e-1111-4222-8333-944455566677"}, "0c9a8b7e-1111-4222-8333-944455566677"),
        (
            {"requestor": Identity("5", "adm-rita@company.example", is_person=False)},
            "adm-rita@company.example",
        ),
    ],
    ids=["reason", "address", "object-id", "sign-in-name"],
)
async def test_what_is_told_outside_names_no_account_and_no_reason(
    stage: Stage, changes: dict[str, Any], hidden: str
) -> None:
    """News for outside contain names and what happened, but no accounts and no reasons."""
    request = await stage.taken_up(**changes)

    await stage.journeys.alarming.call_out(request, CallOut(request.id, NotificationKind.POLICY_CHANGE, MORNING))

    (news,) = stage.outside.heard
    assert hidden not in news.text
    assert "changes who has to approve what" in news.text
