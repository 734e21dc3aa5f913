"""The store goes back, by a restored backup or a failover that loses writes: nothing happens a second time."""

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
"""The id of a request that the store never heard of."""


async def approved(day: Office) -> str:
    """Rita asks, Dana approves; where Dana signs in."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    return sign_in_link(await day.approve("dana", day.card()))


@ASKING
async def test_a_backup_from_between_approval_and_filing(day: Office) -> None:
    """What was filed, approved and done since is found in Intune: nothing is filed, and nobody is offered to."""
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
    """Intune holds it and waits for an approval: it goes on from there, and is completed with the call made anew."""
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
    """Intune has rejected or cancelled it: the order ends as that says, and is not filed again."""
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
    """The restored store takes the same sign-in once more: it looks first, and nothing is done again."""
    link = await approved(day)
    taken = await snapshot(day.redis_url)
    await day.sign_in("dana", link)
    await restore(day.redis_url, taken)
    await day.sign_in("dana", link)
    await day.pass_time(minutes=3)
    assert (wipes(day), len(day.tenant.graph.requests())) == (1, 1)


@ASKING
async def test_it_ran_unheld_and_the_store_forgot(day: Office) -> None:
    """Intune asked nobody, so it shows no request; the device itself tells that it was done."""
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
    """The store a moment before somebody else adopts what Intune holds: it knows nothing by Intune's id, once."""

    def __init__(self, requests: Any) -> None:
        self._requests = requests
        self._asked = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._requests, name)

    async def load_by_intune_id(self, intune_id: str) -> Request | None:
        """Answer from the second time on."""
        before, self._asked = self._asked, True
        return await self._requests.load_by_intune_id(intune_id) if before else None


@ASKING
async def test_somebody_else_adopts_it_while_the_poll_reads_it(day: Office) -> None:
    """What is held is still what was decided on: an order is compared with what it was planned from."""
    await approved(day)
    await day.pass_time(seconds=15)
    assert filings(day) == 1
    await rewired(day.bot, requests=NotYet(day.bot.store.requests)).journeys.poll.poll()
    request = await day.bot.store.requests.load(await day.request_id())
    assert request is not None
    assert not request.changed_after_decision


@ASKING
async def test_a_role_was_given_unheld_and_the_store_forgot(day: Office) -> None:
    """It is not given twice: what we made is recognised among the role's assignments."""
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
    """Where Intune does not say what it holds, nothing is filed; it is tried again by itself."""
    await approved(day)
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "/operationApprovalRequests$", times=20))
    await day.pass_time(seconds=15)
    assert filings(day) == 0
    day.tenant.graph.faults.clear()
    await day.pass_time(minutes=10)
    assert filings(day) == 1


@ASKING
async def test_a_draft_is_confirmed_once_more(day: Office) -> None:
    """Everything but the draft is lost and the store accepted; confirmed and approved anew, the order has the id under
    which Intune has carried it out."""
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
    """The row at which it is noticed was not stored: the poll is not complete, and its watermark stays."""
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
    """Everything else is looked for all the same, and calls go on."""
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
    """What Rita took back is approved again: it is not filed before an approver says that it is wanted."""
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
    """The store goes back to before the glass was broken, while the emergency process wipes the device: that is
    recorded, alarmed and reviewed all the same, also where the answer was lost."""
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
    """Once, and with the requests that are touched; the end is told when Intune was searched."""
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
    """The store has lost the claim while Intune was told: the answer is recorded, and whoever decided reads it."""
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
    """The director may break glass, and ask in chat like the service desk."""
    in_native_group(tenant)
    tenant.world.group("Service-Desk").members.add(tenant.world.user("ivan").id)


@day_with(asking=True, night=True, alone=["ivan"], prepare=ivan_may_ask)
async def test_alone_on_what_intune_holds_already(day: Office) -> None:
    """The emergency process is not asked for what was filed before: Intune would carry it out a second time."""
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
    """Intune holds a request that is marked as one of ours, and that the store does not know by its id there."""
    filed = day.tenant.graph.request(day.tenant.portal.file_wipe("rita", device, "Stolen"))
    filed.justification = f"Countersign {of}-{proof}, asked by Rita Ryan: Stolen"
    if not by_hand:
        actor = day.tenant.world.application(ACTOR)
        filed.requestor = replace(filed.requestor, kind="app", id=actor.app_id, name=ACTOR, upn="")
    return filed


def proof_of(day: Office, request_id: str) -> str:
    """What only this installation can make."""
    room = day.bot.adapters.room
    assert room is not None
    return room.vault.proof(request_id)


@ASKING
async def test_intune_holds_what_the_store_does_not_know(day: Office) -> None:
    """We have filed it, so the store was lost: calls stop with one alarm, whatever more Intune holds.

    Nor is it repeated at a later poll, or once the store was accepted: the requests are known then.
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
    """The proof of another request, or a person's name beside the right one: nobody can stop calls by that."""
    filed_elsewhere(day, proof_of(day, of), by_hand=by_hand)
    await day.poll()
    assert await day.bot.store.brakes.on() == ()
    assert day.alarms() == []
    assert await day.audit(Recorded.STORE_WENT_BACK) == []


@ASKING
async def test_intune_holds_twice_what_the_store_knows(day: Office) -> None:
    """That is no sign of a loss: the store knows the order, and what became of it."""
    await approved(day)
    await day.pass_time(seconds=15)
    asked = await day.request_id()
    filed_elsewhere(day, proof_of(day, asked), "PC-2", of=asked)
    await day.poll()
    assert await day.bot.store.brakes.on() == ()


@day_with(asking=True, own_server=True)
async def test_another_server_answers(day: Office) -> None:
    """After a restart or a failover nothing is taken for granted: every open request is looked up, every card drawn."""
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
    """Which requests are looked up in Intune by their id, and which cards are drawn, when the bot polls once more."""
    asked, drawn = len(day.tenant.graph.calls), len(day.tenant.connector.calls)
    await day.poll()
    paths = [call.path for call in day.tenant.graph.calls[asked:] if call.method == "GET"]
    edits = [path for method, path in day.tenant.connector.calls[drawn:] if method == "PUT"]
    requests = {path.rpartition("/")[2] for path in paths if "/operationApprovalRequests/" in path}
    return requests, {path.rpartition("/")[2] for path in edits}
