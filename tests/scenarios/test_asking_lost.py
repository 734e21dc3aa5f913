"""Intune's answers get lost, or Intune refuses. The bot looks, and never sends a filing call a second time by
itself."""

import pytest

from approvals.asking import native_justification
from approvals.filing import FIND_TIME
from simulator.graph.faults import Fault, Kind
from simulator.story import ACTOR
from tests.office import Office, day_with, sign_in_link, text_of, verbs_of

ASKING = day_with(asking=True)


async def decide(day: Office) -> str:
    """Request a wipe as Rita, approve it and sign in as Dana. Return the text of the page."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("dana", day.card())
    return await day.sign_in("dana", sign_in_link(answer))


def filings(day: Office) -> int:
    """Return how often the wipe call was sent, for filing or for completing."""
    return sum(call.method == "POST" and call.path.endswith("/wipe") for call in day.tenant.graph.calls)


def wipes(day: Office) -> int:
    """Return how often the device was wiped."""
    return len(day.tenant.world.device("PC-1")["deviceActionResults"])


async def finish(day: Office, name: str) -> None:
    """Press Finish as this approver, and sign in where a decision waits."""
    answer = await day.click(name, "finish", day.card())
    if "Please sign in" in text_of(answer.card):
        await day.sign_in(name, sign_in_link(answer))


@pytest.mark.parametrize("kind", [Kind.LOST_ANSWER, Kind.TIMEOUT_AFTER])
@ASKING
async def test_filed_and_the_answer_is_lost(day: Office, kind: Kind) -> None:
    """If the answer to filing is lost, the bot finds the request by our marker in it, and goes on."""
    day.tenant.graph.faults.append(Fault(kind, "/wipe$", method="POST"))
    await decide(day)
    await day.pass_time(minutes=3)
    await day.poll()
    assert len(day.requests()) == 1
    assert (filings(day), wipes(day)) == (2, 1)
    assert day.alarms() == []


@ASKING
async def test_never_filed_and_no_answer(day: Office) -> None:
    """If the request cannot be found in Intune, people are told, and an approver can have it filed again."""
    day.tenant.graph.faults.append(Fault(Kind.LOST_REQUEST, "/wipe$", method="POST"))
    await decide(day)
    await day.pass_time(minutes=5)
    assert "finish" not in verbs_of(await day.look("sam", day.card()))
    await day.pass_time(seconds=FIND_TIME.total_seconds())
    assert "shows nothing of it since" in text_of(day.card().card)
    assert "shows nothing of it since" in " ".join(day.told("rita"))
    assert filings(day) == 1
    await finish(day, "dana")
    assert wipes(day) == 1


@ASKING
async def test_completed_and_the_answer_is_lost(day: Office) -> None:
    """If the answer to completing is lost, a look in Intune shows that it is done, and nothing is sent again."""
    day.tenant.graph.faults.append(Fault(Kind.LOST_ANSWER, "/wipe$", method="POST", after=1))
    await decide(day)
    await day.pass_time(minutes=2)
    assert (filings(day), wipes(day)) == (2, 1)
    await day.pass_time(minutes=30)
    assert "✓ Done" in text_of(day.card().card)


@ASKING
async def test_never_completed_and_no_answer(day: Office) -> None:
    """If the completing call never arrived, a look shows that the request is still approved, and the call is sent once
    more."""
    day.tenant.graph.faults.append(Fault(Kind.LOST_REQUEST, "/wipe$", method="POST", after=1))
    await decide(day)
    assert wipes(day) == 0
    await day.pass_time(minutes=3)
    assert (filings(day), wipes(day)) == (3, 1)


@ASKING
async def test_intune_is_too_busy(day: Office) -> None:
    """If Intune is too busy, nothing has happened, and an approver may try again."""
    day.tenant.graph.faults.append(Fault(Kind.THROTTLED, "/wipe$", method="POST"))
    await decide(day)
    assert "too busy" in text_of(day.card().card)
    await finish(day, "dana")
    assert wipes(day) == 1


@ASKING
async def test_somebody_files_the_same_in_the_portal_meanwhile(day: Office) -> None:
    """If somebody files the same in the portal first, the card says whose request blocks ours. Later an approver can
    finish it."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    other = day.tenant.portal.file_wipe("petra", "PC-1", "By hand")
    await day.poll()
    [card] = [one for one in day.requests() if "Rita Rossi" in text_of(one.card)]
    answer = await day.approve("dana", card)
    await day.sign_in("dana", sign_in_link(answer))
    assert "requested by Petra Peters" in text_of(card.card)

    day.tenant.portal.cancel("petra", other)
    answer = await day.click("dana", "finish", card)
    await day.sign_in("dana", sign_in_link(answer))
    assert wipes(day) == 1


@ASKING
async def test_our_words_in_somebody_elses_request(day: Office) -> None:
    """If a person files by hand with our marker in the text, their request stays their own."""
    day.tenant.graph.faults.append(Fault(Kind.LOST_REQUEST, "/wipe$", method="POST"))
    await decide(day)
    [request_id] = await day.bot.store.requests.open_ids()
    ours = await day.bot.store.requests.load(request_id)
    assert ours is not None
    assert day.bot.adapters.room is not None
    day.tenant.portal.file_wipe("petra", "PC-1", native_justification(ours, day.bot.adapters.room.vault.proof(ours.id)))
    await day.pass_time(minutes=2)
    await day.poll()
    again = await day.bot.store.requests.load(request_id)
    assert again is not None
    assert again.intune_id is None
    assert len(day.requests()) == 2


@ASKING
async def test_the_poller_meets_what_we_filed_first(day: Office) -> None:
    """If the poller meets our filed request before its answer is known, there is still one request with one card."""
    day.tenant.graph.faults.append(Fault(Kind.LOST_ANSWER, "/wipe$", method="POST"))
    await decide(day)
    await day.poll()
    assert len(day.requests()) == 1
    assert (len(day.tenant.graph.requests()), wipes(day)) == (1, 1)


@ASKING
async def test_an_intune_that_refuses(day: Office) -> None:
    """Without the permission in Intune nothing is filed, and the card says that Intune did not take it."""
    day.tenant.world.application(ACTOR).roles.clear()
    await decide(day)
    for _ in range(15):
        await day.pass_time(minutes=1)
    assert "did not take it" in text_of(day.card().card)
    assert wipes(day) == 0
