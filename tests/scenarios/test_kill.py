"""The bot is killed at every kind of moment, and started again: nothing is lost, and Intune is told once."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from approvals.request import CarryState, Decision, Request
from simulator.browser import sign_in
from simulator.story import company
from simulator.teams.clients import Answer
from simulator.teams.places import Message, Places
from tests.office import Office, authority, office, sign_in_link, text_of, verbs_of
from tests.scenarios.killing import Killed, Moment, Nursery, Watcher, between
from tests.servers import free_port

MOMENTS = [
    Moment("poll", "graph asked"),
    Moment("poll", "graph answered"),
    Moment("poll", "redis answered", 1),
    Moment("poll", "redis answered", 4),
    Moment("poll", "redis asked", 5),
    Moment("poll", "redis answered", 5),
    Moment("post", "redis answered", 1),
    Moment("post", "teams asked", about="POST"),
    Moment("post", "teams answered", about="POST"),
    Moment("post", "teams asked", 2, about="POST"),
    Moment("post", "teams answered", 2, about="POST"),
    Moment("post", "redis asked", 9),
    Moment("second step", "graph answered"),
    Moment("first vote", "graph answered"),
    Moment("first vote", "redis asked", 4),
    Moment("first vote", "redis answered", 4),
    Moment("refresh", "teams asked", about="PUT"),
    Moment("refresh", "teams answered", about="PUT"),
    Moment("refresh", "teams asked", 2, about="PUT"),
    Moment("refresh", "teams answered", 2, about="PUT"),
    Moment("deciding vote", "graph answered", 3),
    Moment("deciding vote", "redis asked", 4),
    Moment("deciding vote", "redis answered", 4),
    Moment("deciding vote", "redis answered", 5),
    Moment("refresh decided", "teams answered", about="PUT"),
    Moment("refresh decided", "teams asked", 2, about="PUT"),
    Moment("carry", "entra asked", about="token"),
    Moment("carry", "entra answered", about="token"),
    Moment("carry", "redis answered", 3),
    Moment("carry", "graph answered", 1),
    Moment("carry", "graph asked", about="approve"),
    Moment("carry", "graph answered", about="approve"),
    Moment("carry", "redis answered", 8),
    Moment("refresh carried", "teams answered", about="PUT"),
    Moment("follow", "graph answered", 2),
    Moment("follow", "redis answered", 4),
    Moment("refresh completed", "teams asked", 2, about="PUT"),
]

CHANNELS = ("Approvals", "Change Advisory Board")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


@dataclass
class Story:
    """A script that two people approve, told to a bot that dies on the way."""

    day: Office
    watcher: Watcher
    nursery: Nursery
    clock: Path
    filed: str = ""
    promised: list[str] = field(default_factory=list)
    deciding: Answer | None = None

    async def tell(self) -> None:
        """Tell it until the bot is dead."""
        portal = self.day.tenant.portal
        self.filed = portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        try:
            for step in self._steps():
                await step
        except (Killed, aiohttp.ClientError):
            assert self.watcher.struck
        assert self.watcher.struck, f"the moment never came; there were {self.watcher.passed}"
        await self.nursery.is_over()
        self.watcher.pid = 0

    def _steps(self) -> Iterator[Any]:
        yield self._do("poll", self.nursery.tell("poll"))
        yield self._do("post", self.nursery.tell("work"))
        yield self._do("second step", self._look_twice("alex"))
        yield self._do("first vote", self._vote("alex"))
        yield self._do("refresh", self.nursery.tell("work"))
        yield self._do("second step", self._look_twice("cora"))
        yield self._do("deciding vote", self._vote("cora"))
        yield self._do("refresh decided", self.nursery.tell("work"))
        yield self._do("carry", self._sign_in())
        yield self._do("refresh carried", self.nursery.tell("work"))
        yield self._do("follow", self._complete())
        yield self._do("refresh completed", self.nursery.tell("work"))

    async def _do(self, name: str, step: Any) -> None:
        self.watcher.step = name
        self.clock.write_text(self.day.tenant.clock.now().isoformat(), encoding="utf-8")
        await step

    async def _look_twice(self, name: str) -> None:
        await self.day.client(name).click(self.day.card(), "approve")

    async def _vote(self, name: str) -> None:
        answer = await self.day.client(name).click(self.day.card(), "confirm-approve", {"note": "seen"})
        if answer.status == 200 and "/signin/" in text_of(answer.card):
            self.deciding = answer
        if answer.status == 200 and not answer.error:
            self.promised.append(name)

    async def _sign_in(self) -> None:
        assert self.deciding is not None
        await sign_in(self.day.tenant.session, "cora", sign_in_link(self.deciding))

    async def _complete(self) -> None:
        self.day.tenant.portal.complete("petra", self.filed)
        await self.nursery.tell("poll")


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
async def test_killed(moment: Moment, nursery: Nursery, tmp_path: Path) -> None:
    """No vote is lost, Intune is told once, cards are true, every effect is done, and the story comes to its end."""
    watcher = Watcher(moment)
    async with AsyncExitStack() as stack:
        day = await stack.enter_async_context(office(tmp_path, watch=watcher.watch, **_in_two_channels()))
        story = await _mortal(stack, day, watcher, nursery, tmp_path)

        await story.tell()
        await _start_again(day)

        request = await _request(day)
        assert set(story.promised) <= _voters(request)
        assert len(day.tenant.graph.decisions(story.filed)) <= 1
        await _check_cards(day, request)
        await _check_strays(day, request)
        assert await day.bot.desk.outbox.dead_letters() == []
        await _to_the_end(day, story.filed)


async def test_what_happened_while_nobody_looked(nursery: Nursery, tmp_path: Path) -> None:
    """Filed and approved in the portal while the bot was dead, below the quorum: that alarms on return."""
    watcher = Watcher(Moment("poll", "graph answered"))
    async with AsyncExitStack() as stack:
        day = await stack.enter_async_context(office(tmp_path, watch=watcher.watch, **_in_two_channels()))
        await day.poll()
        await day.pass_time(minutes=1)  # and with it the first bot's turn to poll
        story = await _mortal(stack, day, watcher, nursery, tmp_path)
        await story.tell()
        missed = day.tenant.portal.file_script("petra", "Disable-Firewall", "netsh off\n", "no reason")
        day.tenant.portal.approve("alex", missed)

        await _start_again(day)

        [card] = [one for one in day.requests() if "Disable-Firewall" in text_of(one.card)]
        assert "below quorum" in text_of(card.card)
        [alarm] = day.alarms()
        assert "Disable-Firewall" in alarm


async def _start_again(day: Office) -> None:
    """A fresh bot on the same store. What the dead one held is free again after its leases."""
    day.tenant.teams.messages_url = f"{day.urls[0]}/api/messages"
    for seconds in (31, 61, 121):
        day.tenant.clock.advance(timedelta(seconds=seconds))
        await day.poll()


async def _check_cards(day: Office, request: Request) -> None:
    """Nothing is left to decide on a decided request, and a carry that was cut can be finished."""
    known = await _known_cards(day, request)
    assert {message.conversation.split(";")[0] for message in known} == {
        day.tenant.channels[name].id for name in CHANNELS
    }
    cut = request.decision is Decision.APPROVED and request.carry.state is not CarryState.DONE
    for message in known:
        verbs = set(verbs_of(message.card))
        assert bool({"approve", "reject"} & verbs) == (request.decision is Decision.OPEN)
        assert ("finish" in verbs) == cut


async def _check_strays(day: Office, request: Request) -> None:
    """A card whose post was never answered is known from its first click on, and is corrected."""
    known = {message.id for message in await _known_cards(day, request)}
    for name in CHANNELS:
        for stray in [message for message in day.requests(name) if message.id not in known]:
            await day.click("alex", "details", stray)
            assert await day.bot.desk.copies.known(request.id, stray.id)
            assert ("approve" in verbs_of(stray.card)) == (request.decision is Decision.OPEN)


async def _to_the_end(day: Office, filed: str) -> None:
    """Whoever has not voted yet votes, what has not reached Intune is finished, and the request is completed."""
    for name in ("alex", "cora"):
        request = await _request(day)
        if request.decision is Decision.OPEN and name not in _voters(request):
            card = day.card()
            if "approve" in verbs_of(day.client(name).card(card)):
                await day.click(name, "approve", card)
            await day.click(name, "confirm-approve", card, "seen")
    if day.tenant.graph.request(filed).status == "needsApproval":
        answer = await day.click("cora", "finish", day.card())
        assert "Intune has been told" in await day.sign_in("cora", sign_in_link(answer))
    if day.tenant.graph.request(filed).status == "approved":
        day.tenant.portal.complete("petra", filed)
    await day.pass_time(minutes=1)
    await day.poll()
    assert len(day.tenant.graph.decisions(filed)) == 1
    for name in CHANNELS:
        for message in day.requests(name):
            assert "Completed" in text_of(message.card)
            assert verbs_of(message.card) == ["details"]


async def _request(day: Office) -> Request:
    [message] = {text_of(one.card).split('"request": "')[1].split('"')[0] for one in day.requests()}
    request = await day.bot.desk.requests.load(message)
    assert request is not None
    return request


def _voters(request: Request) -> set[str]:
    """First names."""
    return {vote.voter.name.split()[0].lower() for vote in request.votes}


async def _known_cards(day: Office, request: Request) -> list[Message]:
    places = day.tenant.connector.places
    found = []
    for copy in await day.bot.desk.copies.of(request.id):
        conversation = places.find(copy.channel)
        message = conversation.message(copy.activity_id) if conversation and copy.activity_id else None
        if message and not copy.lost:
            found.append(message)
    return found


def _in_two_channels() -> dict[str, Any]:
    """Script deployments are shown in both channels."""
    places = Places(company())
    channels = [places.channel(name).id for name in CHANNELS]
    return {"workflows": {"Script deployment": {"channels": channels}}}


async def _mortal(stack: AsyncExitStack, day: Office, watcher: Watcher, nursery: Nursery, directory: Path) -> Story:
    """A bot that can be killed, before whom everybody's client is."""
    site, port = day.tenant, free_port()
    url = f"https://localhost:{port}"
    story = Story(day, watcher, nursery, directory / "clock")
    story.clock.write_text(site.clock.now().isoformat(), encoding="utf-8")
    watcher.pid = await nursery.bear(
        {
            "environment": site.environment(directory / "ca.pem", url),
            "policy": json.dumps(site.policy(**_in_two_channels())),
            "redis_url": await stack.enter_async_context(between(watcher, day.redis_url, directory)),
            "clock": str(story.clock),
            "tls_file": str(authority().write_server(directory / "bot.pem")),
            "port": port,
        }
    )
    site.teams.messages_url = f"{url}/api/messages"
    return story
