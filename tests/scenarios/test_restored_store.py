"""The store goes back, through a restored backup or a failover that loses writes. Nothing is done a second time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from approvals.audit import Kind as Recorded
from approvals.brake import STORE
from approvals.order import FilingState
from approvals.request import CarryState, Decision, Execution, Request
from bot import jobs
from bot.cli import accepting
from cards.brakes import brake_sentence
from handlers.intune.poll import Polled
from simulator.graph.faults import Fault, Kind
from simulator.graph.state import Filed
from simulator.story import ACTOR
from simulator.teams.buttons import button
from simulator.tenant import Tenant
from tests.office import Office, day_with, office, rewired, sign_in_link, text_of
from tests.restoring import Snapshot, restore, snapshot
from tests.scenarios.test_asking_holes import policy
from tests.scenarios.test_asking_lost import ASKING, filings, wipes
from tests.scenarios.test_brakes import OPS
from tests.scenarios.test_break_glass import in_native_group

FORGOTTEN = "01M83PPH00000001"
"""The id of a request that the store does not know."""


async def approved(day: Office) -> str:
    """Request a wipe as Rita and approve it as Dana. Return the address where she signs in."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    return sign_in_link(await day.approve("dana", day.card()))


@ASKING
async def test_a_backup_from_between_approval_and_filing(day: Office) -> None:
    """After a backup from before filing, the bot finds the filed and completed order in Intune, and does not file it
    again."""
    link, asked = await approved(day), await day.request_id()
    taken = await snapshot(day.redis_url)
    await day.sign_in("dana", link)
    assert wipes(day) == 1

    await restore(day.redis_url, taken)
    await day.pass_time(minutes=1)
    await day.pass_time(minutes=30)
    request = await day.bot.store.requests.load(asked)
    assert request is not None
    assert request.filing is not None
    assert (request.filing.state, request.execution) == (FilingState.COMPLETED, Execution.DONE)
    assert (filings(day), wipes(day), len(day.tenant.graph.requests())) == (2, 1, 1)


@ASKING
async def test_held_there_and_forgotten_here(day: Office) -> None:
    """If Intune holds an order that the store has forgotten, the order goes on from there and is completed once."""
    link = await approved(day)
    taken = await snapshot(day.redis_url)
    await day.pass_time(seconds=15)
    assert filings(day) == 1

    await restore(day.redis_url, taken)
    await day.poll()
    assert any("went back and has lost" in said for said in day.alarms())
    assert "Intune has been told" in await day.sign_in("dana", link)
    assert (wipes(day), len(day.tenant.graph.requests())) == (1, 1)


@pytest.mark.parametrize("ending", ["reject", "cancel"])
@ASKING
async def test_ended_there_and_forgotten_here(day: Office, ending: str) -> None:
    """If Intune has rejected or cancelled an order that the store has forgotten, the order ends, and is not filed
    again."""
    await approved(day)
    taken = await snapshot(day.redis_url)
    await day.pass_time(seconds=15)
    [held] = day.tenant.graph.requests()
    if ending == "reject":
        day.tenant.portal.reject("dana", held.id)
    else:
        held.move("cancelled", day.tenant.clock.now())

    await restore(day.redis_url, taken)
    await day.pass_time(minutes=1)
    assert (filings(day), len(day.tenant.graph.requests())) == (1, 1)
    assert "finish" not in text_of(await day.look("dana", day.card()))


@ASKING
async def test_finish_after_a_restore(day: Office) -> None:
    """If the restored store accepts the same sign-in again, the bot looks first, and nothing is done again."""
    link = await approved(day)
    taken = await snapshot(day.redis_url)
    await day.sign_in("dana", link)
    await restore(day.redis_url, taken)
    await day.sign_in("dana", link)
    await day.pass_time(minutes=3)
    assert (wipes(day), len(day.tenant.graph.requests())) == (1, 1)


@ASKING
async def test_it_ran_unheld_and_the_store_forgot(day: Office) -> None:
    """If an order ran unheld and the store forgot it, the device shows that it was done, and it is not done again."""
    policy(day, "deviceWipe").excluded_app_ids.add(day.tenant.world.application(ACTOR).app_id)
    link = await approved(day)
    taken = await snapshot(day.redis_url)
    await day.sign_in("dana", link)
    assert wipes(day) == 1

    await restore(day.redis_url, taken)
    await day.pass_time(minutes=1)
    assert (filings(day), wipes(day)) == (1, 1)
    assert "not done a second time" in text_of(day.card().card)


class NotYet:
    """A store that does not know a request by its Intune id the first time, as if another replica adopted it right
    after."""

    def __init__(self, requests: Any) -> None:
        self._requests = requests
        self._asked = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._requests, name)

    async def load_by_intune_id(self, intune_id: str) -> Request | None:
        """Return the request from the second call on."""
        before, self._asked = self._asked, True
        return await self._requests.load_by_intune_id(intune_id) if before else None


@ASKING
async def test_somebody_else_adopts_it_while_the_poll_reads_it(day: Office) -> None:
    """If another replica adopts the held order during a poll, the order does not count as changed after the
    decision."""
    await approved(day)
    await day.pass_time(seconds=15)
    assert filings(day) == 1
    await rewired(day.bot, requests=NotYet(day.bot.store.requests)).journeys.poll.poll()
    request = await day.bot.store.requests.load(await day.request_id())
    assert request is not None
    assert not request.changed_after_decision


@ASKING
async def test_a_role_was_given_unheld_and_the_store_forgot(day: Office) -> None:
    """A role that was assigned unheld, and that the store forgot, is found among the role's assignments and not
    assigned again."""
    policy(day, "role").excluded_app_ids.add(day.tenant.world.application(ACTOR).app_id)
    role = next(iter(day.tenant.world.role_definitions.values()))
    await day.ask("rita", f'/role "{role["displayName"]}" to "IT-Directors"', "New branch office, CHG-9")
    link = sign_in_link(await day.approve("alex", day.card()))
    taken = await snapshot(day.redis_url)
    await day.sign_in("alex", link)
    assert len(role["roleAssignments"]) == 1

    await restore(day.redis_url, taken)
    await day.pass_time(minutes=1)
    assert len(role["roleAssignments"]) == 1
    assert "not done a second time" in text_of(day.card().card)


@ASKING
async def test_intune_cannot_be_searched(day: Office) -> None:
    """While Intune cannot be searched, nothing is filed. The bot tries again by itself."""
    await approved(day)
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "/operationApprovalRequests$", times=20))
    await day.pass_time(seconds=15)
    assert filings(day) == 0
    day.tenant.graph.faults.clear()
    await day.pass_time(minutes=10)
    assert filings(day) == 1


@ASKING
async def test_a_draft_is_confirmed_once_more(day: Office) -> None:
    """If only the draft survives the loss, the new request has the old id. Confirmed and approved again, it is not
    carried out again."""
    [draft] = await day.say("rita", "/wipe PC-1")
    shown, taken = draft.card, await snapshot(day.redis_url)
    await day.client("rita").click(draft, "ask", {"reason": "Stolen on the train", "name": "PC-1"})
    await day.work()
    await day.sign_in("dana", sign_in_link(await day.approve("dana", day.card())))
    assert wipes(day) == 1
    await day.pass_time(minutes=3)

    await restore(day.redis_url, taken)
    await day.poll()
    await accepting.accept(day.bot.store, await accepting.look(day.bot.store), OPS, "The disk was lost")
    await day.poll()
    again = button(shown or {}, "ask")
    assert again is not None
    again["data"] |= {"reason": "Stolen on the train", "name": "PC-1"}
    await day.client("rita").invoke(draft, again, "manual")
    await day.work()
    answer = await day.approve("dana", day.card())
    if "Sign in" in text_of(answer.card):
        await day.sign_in("dana", sign_in_link(answer))
    await day.pass_time(minutes=3)
    assert (wipes(day), len(day.tenant.graph.requests())) == (1, 1)


async def test_a_poll_meets_a_store_that_went_back(day: Office) -> None:
    """A poll that meets a store that went back is not complete, and the watermark stays."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    taken, before = await snapshot(day.redis_url), await day.bot.store.poll.watermark()
    await day.approve("dana", day.card())
    day.tenant.clock.advance(timedelta(minutes=20))
    day.tenant.portal.file_retire("rita", "PC-2", "Given back")

    await restore(day.redis_url, taken)
    assert await day.bot.journeys.poll.poll() is Polled.PARTIAL
    assert await day.bot.store.poll.watermark() == before
    await day.work()
    await day.poll()
    assert len(await day.bot.store.requests.open_ids()) == 2


@ASKING
async def test_one_request_cannot_be_read_after_a_loss(day: Office) -> None:
    """After a loss, one request that cannot be read does not keep the bot from checking the others, and calls go on."""
    filed = day.tenant.portal.file_retire("rita", "PC-2", "Given back")
    await day.poll()
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    taken = await snapshot(day.redis_url)
    await day.approve("dana", day.card())

    await restore(day.redis_url, taken)
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, f"/operationApprovalRequests/{filed}$", times=1000))
    await day.poll()
    assert any("went back and has lost" in said for said in day.alarms())
    assert not await day.bot.store.brakes.on()


@ASKING
async def test_a_cancel_that_is_lost(day: Office) -> None:
    """If a cancel is lost with the store, the order is not filed before an approver says that it is still wanted."""
    await approved(day)
    taken, asked = await snapshot(day.redis_url), await day.request_id()
    await day.say("rita", f"/cancel {asked}")
    await restore(day.redis_url, taken)
    await day.poll()
    await day.pass_time(minutes=3)
    assert filings(day) == 0
    assert not await day.bot.store.brakes.on()
    assert "has lost that this was called off" in text_of(day.card().card)

    await day.sign_in("dana", sign_in_link(await day.click("dana", "finish", day.card())))
    assert wipes(day) == 1


@pytest.mark.parametrize("answered", [True, False])
async def test_done_alone_and_the_store_forgot(tmp_path: Path, *, answered: bool) -> None:
    """If the store goes back while the emergency process acts, that is still recorded, alarmed and reviewed, even if
    its answer was lost."""
    taken: list[Snapshot] = []

    @asynccontextmanager
    async def watch(service: str, request: web.Request) -> AsyncIterator[None]:
        if service == "graph" and request.method == "POST" and request.path.endswith("/wipe"):
            await restore(day.redis_url, taken[0])
        yield

    async with office(tmp_path, watch=watch, asking=True, night=True, alone=["ivan"], prepare=ivan_may_ask) as day:
        await day.ask("ivan", "/wipe PC-1", typed="PC-1")
        asked = await day.request_id()
        taken.append(await snapshot(day.redis_url))
        if not answered:
            day.tenant.graph.faults.append(Fault(Kind.LOST_ANSWER, path="/wipe$"))
        await day.break_glass("ivan", asked)
        await day.poll()
        request = await day.bot.store.requests.load(asked)
        assert request is not None
        assert request.filing is not None
        done = (Decision.BROKEN_GLASS, FilingState.COMPLETED) if answered else (Decision.OPEN, FilingState.WAITS)
        assert (wipes(day), request.decision, request.filing.state) == (1, *done)
        assert request.review is not None
        assert await day.audit(Recorded.EXECUTED_ALONE if answered else Recorded.NOT_ALONE)
        assert any("broke the glass" in said for said in day.alarms())


@ASKING
async def test_a_loss_is_told_while_intune_is_away(day: Office) -> None:
    """A loss is told once while Intune is away, with the affected requests. Its end is told when Intune was
    searched."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    taken = await snapshot(day.redis_url)
    await day.approve("dana", day.card())
    await restore(day.redis_url, taken)
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "/operationApprovalRequests", times=1000))
    await jobs.guard(day.bot)
    await day.work()
    await day.pass_time(minutes=6)
    [told] = [said for said in day.alarms() if "went back and has lost" in said]
    assert "Wipe PC-1" in told
    assert "does not answer now" in told

    day.tenant.graph.faults.clear()
    await day.pass_time(minutes=6)
    assert any("calls to it go on" in said for said in day.alarms())


@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_intune_answers_a_store_that_went_back(tmp_path: Path, verdict: str) -> None:
    """If the store goes back while Intune is being told, Intune's answer is still recorded, and the deciding person
    reads it."""
    taken: list[Snapshot] = []

    @asynccontextmanager
    async def watch(service: str, request: web.Request) -> AsyncIterator[None]:
        if service == "graph" and request.method == "POST" and request.path.endswith(f"/{verdict}"):
            await restore(day.redis_url, taken[0])
        yield

    async with office(tmp_path, watch=watch) as day:
        filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
        await day.poll()
        votes = {"approve": day.approve, "reject": day.reject}
        answer = await votes[verdict]("dana", day.card(), "Not now")
        taken.append(await snapshot(day.redis_url))
        assert "Intune has been told" in await day.sign_in("dana", sign_in_link(answer))
        assert await day.audit(Recorded.INTUNE_ANSWERED)
        await day.poll()
        request = await day.bot.store.requests.load_by_intune_id(filed)
        assert request is not None
        assert request.carry_state is CarryState.DONE


def ivan_may_ask(tenant: Tenant) -> None:
    """Let Ivan use break-glass, and request operations in chat like the service desk."""
    in_native_group(tenant)
    tenant.world.group("Service-Desk").members.add(tenant.world.user("ivan").id)


@day_with(asking=True, night=True, alone=["ivan"], prepare=ivan_may_ask)
async def test_alone_on_what_intune_holds_already(day: Office) -> None:
    """The emergency process is not asked for an order that Intune already holds: Intune would carry it out a second
    time."""
    await day.ask("ivan", "/wipe PC-1", typed="PC-1")
    taken = await snapshot(day.redis_url)
    await day.approve("dana", day.card())
    await day.pass_time(seconds=15)
    assert filings(day) == 1

    await restore(day.redis_url, taken)
    prompt = await day.break_glass("ivan", await day.request_id())
    assert wipes(day) == 0
    assert "Intune holds it already" in text_of(day.client("ivan").card(prompt))


def filed_elsewhere(
    day: Office, proof: str, device: str = "PC-1", *, of: str = FORGOTTEN, by_hand: bool = False
) -> Filed:
    """Let Intune hold a request with our marker that the store does not know by its Intune id. Return it."""
    filed = day.tenant.graph.request(day.tenant.portal.file_wipe("rita", device, "Stolen"))
    filed.justification = f"Countersign {of}-{proof}, asked by Rita Ryan: Stolen"
    if not by_hand:
        actor = day.tenant.world.application(ACTOR)
        filed.requestor = replace(filed.requestor, kind="app", id=actor.app_id, name=ACTOR, upn="")
    return filed


def proof_of(day: Office, request_id: str) -> str:
    """Return the proof for this request, which only this installation can make."""
    room = day.bot.adapters.room
    assert room is not None
    return room.vault.proof(request_id)


@ASKING
async def test_intune_holds_what_the_store_does_not_know(day: Office) -> None:
    """If Intune holds a request of ours that the store does not know, the store was lost: calls stop, with one alarm.

    The alarm is not repeated at a later poll, nor after the store was accepted.
    """
    filed = filed_elsewhere(day, proof_of(day, FORGOTTEN))
    await day.poll()
    filed_elsewhere(day, proof_of(day, FORGOTTEN), "PC-2")
    for _ in range(2):
        await day.pass_time(minutes=10)
        await day.poll()
    [brake] = await day.bot.store.brakes.on()
    assert brake.name == STORE
    said = brake_sentence(brake)
    assert f"Intune holds {filed.id}, which Countersign filed as {FORGOTTEN} and does not know." in said
    [alarm] = day.alarms()
    assert said in alarm
    assert len(await day.audit(Recorded.STORE_WENT_BACK)) == 1

    await accepting.accept(day.bot.store, await accepting.look(day.bot.store), OPS, "The disk was lost")
    await day.pass_time(minutes=1)
    await day.poll()
    assert await day.bot.store.brakes.on() == ()
    assert len(await day.audit(Recorded.STORE_WENT_BACK)) == 1


@pytest.mark.parametrize(
    ("of", "by_hand"), [("01M83PPH00000002", False), (FORGOTTEN, True)], ids=["another's", "by hand"]
)
@ASKING
async def test_a_marker_that_was_copied(day: Office, of: str, by_hand: bool) -> None:
    """A copied marker does not stop calls: neither the proof of another request, nor the right proof on a person's
    request."""
    filed_elsewhere(day, proof_of(day, of), by_hand=by_hand)
    await day.poll()
    assert await day.bot.store.brakes.on() == ()
    assert day.alarms() == []
    assert await day.audit(Recorded.STORE_WENT_BACK) == []


@ASKING
async def test_intune_holds_twice_what_the_store_knows(day: Office) -> None:
    """A second request in Intune with the marker of a known order is no sign of a loss."""
    await approved(day)
    await day.pass_time(seconds=15)
    asked = await day.request_id()
    filed_elsewhere(day, proof_of(day, asked), "PC-2", of=asked)
    await day.poll()
    assert await day.bot.store.brakes.on() == ()


@day_with(asking=True, own_server=True)
async def test_another_server_answers(day: Office) -> None:
    """After another server has answered, every open request is read again, and every card is drawn again, once."""
    wiped, retired = (
        day.tenant.portal.file_wipe("rita", "PC-1", "Stolen"),
        day.tenant.portal.file_retire("petra", "PC-2", "Sold"),
    )
    await day.poll()
    await day.pass_time(hours=1)
    cards = {card.id for card in day.requests()}
    assert await looked_at(day) == (set(), set())

    assert day.server is not None
    await day.server.stop()
    await day.server.start()
    assert await looked_at(day) == ({wiped, retired}, cards)
    assert await looked_at(day) == (set(), set())
    assert day.alarms() == []


async def looked_at(day: Office) -> tuple[set[str], set[str]]:
    """Poll, and return which requests were read by their id in Intune, and which cards were drawn."""
    asked, drawn = len(day.tenant.graph.calls), len(day.tenant.connector.calls)
    await day.poll()
    paths = [call.path for call in day.tenant.graph.calls[asked:] if call.method == "GET"]
    edits = [path for method, path in day.tenant.connector.calls[drawn:] if method == "PUT"]
    requests = {path.rpartition("/")[2] for path in paths if "/operationApprovalRequests/" in path}
    return requests, {path.rpartition("/")[2] for path in edits}
