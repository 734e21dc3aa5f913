"""Two replicas draw one card. Even if an older drawing arrives last, the card shows the current state in the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from approvals.effects import RefreshCards
from approvals.request import Request
from handlers.showing import latest
from simulator.teams.faults import Fault, Kind
from tests.office import Office, office, text_of, verbs_of

BOARD = "Change Advisory Board"


@dataclass
class Hold:
    """Holds the first call of this kind after `armed` is set, until `go_on` is set. Without `about` it holds an edit of
    a card."""

    armed: bool = False
    about: str = ""
    held: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def watch(self, service: str, request: web.BaseRequest) -> AsyncIterator[None]:
        edits = service == "teams" and request.method == "PUT"
        if self.armed and (self.about in request.path if self.about else edits):
            self.armed = False
            self.held.set()
            await self.go_on.wait()
        yield


async def held_edit(day: Office, hold: Hold) -> asyncio.Task[int]:
    """Let the first replica edit the card after one vote, and hold that edit on its way."""
    card = day.card(BOARD)
    hold.armed = True
    await day.client("alex").click(card, "approve")
    await day.client("alex").click(card, "confirm-approve")
    slow = asyncio.create_task(day.bots[0].worker.do_due())
    await asyncio.wait_for(hold.held.wait(), 10)
    return slow


async def decided(day: Office) -> None:
    """Give the deciding vote, and let the second replica draw the card again."""
    card = day.card(BOARD)
    await day.client("cora").click(card, "approve")
    await day.client("cora").click(card, "confirm-approve")
    while await day.bots[1].worker.do_due():
        pass


async def test_an_older_edit_lands_last(tmp_path: Path) -> None:
    """If an older edit arrives after the drawing of the decision, its sender notices that and draws the current
    state."""
    hold = Hold()
    async with office(tmp_path, replicas=2, watch=hold.watch) as day:
        day.tenant.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        await day.poll()
        slow = await held_edit(day, hold)
        await decided(day)
        assert "approve" not in verbs_of(day.card(BOARD).card)

        hold.go_on.set()
        await slow

        card = day.card(BOARD).card
        assert "Cora Costa approved" in text_of(card)
        assert "approve" not in verbs_of(card)


async def test_an_older_edit_lands_last_and_its_answer_is_lost(tmp_path: Path) -> None:
    """If the older edit arrives last and its answer is lost, the drawing is planned again."""
    hold = Hold()
    async with office(tmp_path, replicas=2, watch=hold.watch) as day:
        day.tenant.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        await day.poll()
        slow = await held_edit(day, hold)
        await decided(day)
        day.tenant.connector.faults.append(Fault(Kind.LOST_ANSWER, method="PUT", times=6))

        hold.go_on.set()
        await slow
        await day.pass_time(seconds=30)

        card = day.card(BOARD).card
        assert "Cora Costa approved" in text_of(card)
        assert "approve" not in verbs_of(card)


async def test_the_answer_to_a_click_is_drawn_while_somebody_votes(tmp_path: Path) -> None:
    """A vote that comes in while a person's view is being made is on that view."""
    hold = Hold()
    async with office(tmp_path, watch=hold.watch) as day:
        hold.about = f"{day.tenant.world.user('alex').id}/memberOf"
        day.tenant.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        await day.poll()
        card = day.card(BOARD)
        hold.armed = True
        looking = asyncio.create_task(day.client("alex").refresh(card))
        await asyncio.wait_for(hold.held.wait(), 10)
        await day.approve("cora", card)
        hold.go_on.set()
        seen = await looking

        assert seen is not None
        assert "1 of 2 approvals" in text_of(seen.card)


async def test_a_request_that_moves_with_every_drawing(day: Office) -> None:
    """A request that changes during every drawing is drawn a few times; then the outbox goes on."""
    day.tenant.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
    await day.poll()
    card = day.card(BOARD)
    request = await day.bot.store.requests.load(await day.request_id())
    assert request is not None
    drawn: list[int] = []

    async def draw(current: Request) -> None:
        drawn.append(current.revision)
        if current.votes:
            await day.forge("alex", "withdraw", request.id, card)
        elif current.reminders.claim:
            await day.approve("alex", card)
        else:
            await day.forge("alex", "claim", request.id, card)

    await day.bot.journeys.latest.shown(request, draw)

    assert drawn == [request.revision + number for number in range(latest.MOST_DRAWINGS)]
    assert [leased.effect for leased in await day.bot.store.outbox.lease(10)] == [RefreshCards(request.id)]
