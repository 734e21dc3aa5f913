"""Nobody reads what they may not read: for a stranger, such a request looks like one that does not exist."""

from typing import get_args

import pytest

from cards.actions import OnDraft, OnPrompt, Verb
from handlers.answers.questions import NO_SUCH_REQUEST
from simulator.graph.faults import Fault, Kind
from tests.office import Office, day_with, text_of
from tests.scenarios.test_break_glass import in_native_group

NIGHT = day_with(night=True, asking=True, prepare=in_native_group)
NO_SUCH_ID = "01ZZZZZZZZZZZZZZ"
ON_OTHERS = (*get_args(OnDraft), *get_args(OnPrompt))
ON_REQUESTS = [verb for verb in Verb if verb not in ON_OTHERS]


async def wipe_waits(day: Office) -> str:
    """File a wipe in the portal, and return the id of its request."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    return await day.request_id()


@NIGHT
@pytest.mark.parametrize("name", ["otto", "gus"])
async def test_a_hand_made_click_from_a_strangers_own_chat(day: Office, name: str) -> None:
    """A hand-made click of a stranger or a guest gets exactly the same answer as one on a request that does not
    exist."""
    request_id = await wipe_waits(day)
    await day.break_glass("ivan", request_id)
    await day.install_for(name)

    answers = {await day.forge(name, verb, request_id, day.chat(name)) for verb in ON_REQUESTS}
    unknown = {await day.forge(name, verb, NO_SUCH_ID, day.chat(name)) for verb in ON_REQUESTS}

    assert answers == unknown
    assert len(unknown) == 1
    assert "PC-1" not in "".join(answers)


@NIGHT
async def test_an_order_that_was_drafted_a_moment_ago(day: Office) -> None:
    """A stranger's click on a draft gets the same answer as one on a draft that does not exist, even after it became a
    request."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    request_id = await day.request_id()

    for verb in sorted(ON_OTHERS):
        said = await day.forge("otto", verb, request_id, day.chat("otto"))
        assert said == await day.forge("otto", verb, NO_SUCH_ID, day.chat("otto")), verb


@NIGHT
async def test_while_the_directory_is_away(day: Office) -> None:
    """While the directory is away, a stranger learns nothing more. A person who clicks in the card's own channel keeps
    the card."""
    request_id = await wipe_waits(day)
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "/users/", times=1000))

    answers = {await day.forge("otto", "details", one, day.chat("otto")) for one in (request_id, NO_SUCH_ID)}
    [said] = answers
    assert "cannot be reached right now" in said
    there = await day.forge("otto", "details", request_id, day.card())
    assert "cannot be reached right now" in there
    assert "Wipe PC-1" in there


@NIGHT
async def test_what_a_stranger_writes(day: Office) -> None:
    """A stranger's commands answer as if the request did not exist. An attempt to use break-glass is recorded."""
    request_id = await wipe_waits(day)

    for command in ("/status", "/cancel"):
        [said] = await day.say("otto", f"{command} {request_id}")
        [unknown] = await day.say("otto", f"{command} {NO_SUCH_ID}")
        assert said.text == NO_SUCH_REQUEST.format(request_id)
        assert unknown.text == NO_SUCH_REQUEST.format(NO_SUCH_ID)
    refused = [text_of((await day.say("otto", f"/breakglass {one}"))[0].card) for one in (request_id, NO_SUCH_ID)]
    assert refused[0] == refused[1]
    assert "may break glass" in refused[0]
    recorded = [(entry.name, entry.request_id) for entry in await day.audit() if "may break glass" in entry.why]
    assert recorded == [("Otto Okafor", request_id), ("Otto Okafor", "")]


@NIGHT
async def test_the_lists(day: Office) -> None:
    """Lists contain only what the reader may read: an approver of scripts sees no wipe and no review of a wipe."""
    request_id = await wipe_waits(day)
    assert "PC-1" in text_of((await day.say("dana", "/pending"))[0].card)
    assert "PC-1" not in text_of((await day.say("cora", "/pending"))[0].card)

    await day.break_glass("ivan", request_id)
    assert "PC-1" in text_of((await day.say("dana", "/reviews"))[0].card)
    assert "PC-1" not in text_of((await day.say("cora", "/reviews"))[0].card)


@NIGHT
async def test_who_may_read_it(day: Office) -> None:
    """An approver, the requestor, a person who may use break-glass, and an auditor can read the request in their own
    chats."""
    request_id = await wipe_waits(day)

    for name in ("dana", "rita", "ivan", "olga"):
        assert "Wipe PC-1" in text_of((await day.say(name, f"/status {request_id}"))[0].card), name
        assert "Wipe PC-1" in await day.forge(name, "refresh", request_id, day.chat(name)), name


@NIGHT
async def test_where_its_card_stands(day: Office) -> None:
    """A member of a channel can read the requests whose cards are there, and only there. Operations can read all of
    them in their channel."""
    request_id = await wipe_waits(day)
    board, operations = day.tenant.channels["Change Advisory Board"], day.tenant.channels["Operations"]

    assert "Wipe PC-1" in await day.forge("otto", "details", request_id, day.card())
    assert "PC-1" not in await day.forge("otto", "details", request_id, board)
    assert "Wipe PC-1" in text_of((await day.say("otto", f"/status {request_id}", "Approvals"))[-1].card)
    assert "Wipe PC-1" in text_of((await day.say("marc", f"/status {request_id}", "Operations"))[-1].card)
    assert "Wipe PC-1" in await day.forge("marc", "refresh", request_id, operations)


@NIGHT
async def test_who_asks_for_what_is_asked_for_already(day: Office) -> None:
    """A person who requests what already waits is told who requested it, and how to look at it only if they may read
    it."""
    request_id = await wipe_waits(day)

    [own] = await day.say("rita", "/wipe PC-1")
    assert f"/status {request_id} shows it" in text_of(own.card)
    day.tenant.world.group("Service-Desk").members.add(day.tenant.world.user("otto").id)
    [other] = await day.say("otto", "/retire PC-1")
    assert "requested by Rita Rossi" in text_of(other.card)
    assert "/status" not in text_of(other.card)
