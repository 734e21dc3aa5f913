"""A story told to a bot that dies on the way, and what has to be true when the next one has taken over."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from approvals.request import Decision, Request, Verdict
from bot.store import keys as names
from bot.store.keys import Keys
from handlers.ports.places import InChat
from simulator.browser import sign_in
from simulator.graph.knobs import Knobs
from simulator.story import company
from simulator.teams.clients import Answer
from simulator.teams.places import Message, Places
from tests.office import Office, authority, office, sign_in_link, verbs_of
from tests.scenarios.killing import Killed, Moment, Watcher, between, telling_time
from tests.scenarios.nursery import Nursery
from tests.servers import free_port

CHANNELS = ("Approvals", "Change Advisory Board")

LEASES = (31, 61, 121)
"""Seconds after which the next bot looks: beyond the leases of effects and of the poller, and of a call to Intune."""


@dataclass
class Story:
    """A script that wants two people, filed while two others are long over: each is a page of Intune's list."""

    day: Office
    watcher: Watcher
    nursery: Nursery
    filed: str = ""
    promised: list[tuple[str, Verdict]] = field(default_factory=list)
    deciding: Answer | None = None

    async def tell(self, steps: "Iterable[Step]") -> None:
        """Tell it until the bot is dead."""
        try:
            for self.watcher.step, step in steps:
                await step(self)
        except (Killed, aiohttp.ClientError):
            assert self.watcher.struck
        finally:
            self.watcher.end()
            await self.nursery.is_over()
        assert self.watcher.struck, f"the moment never came; there were {self.watcher.passed}"

    async def poll(self) -> None:
        """The bot looks at Intune."""
        await self.nursery.tell("poll")

    async def work(self) -> None:
        """The bot does what is due."""
        await self.nursery.tell("work")

    async def vote(self, name: str, verdict: Verdict) -> None:
        """Somebody goes through both steps; what they were not told to be wrong, they were promised."""
        client, card = self.day.client(name), self.day.card()
        await client.click(card, verdict.value)
        answer = await client.click(card, f"confirm-{verdict.value}", {"note": "seen"})
        if answer.status == 200 and not answer.error:
            self.promised.append((name, verdict))
            self.deciding = answer

    async def sign_in(self, name: str) -> None:
        """Whose vote decided signs in, so that it is carried."""
        assert self.deciding is not None
        await sign_in(self.day.tenant.session, name, sign_in_link(self.deciding))

    async def complete(self) -> None:
        """Who filed it completes it, and the bot looks."""
        self.day.tenant.portal.complete("petra", self.filed)
        await self.poll()

    async def request(self) -> Request:
        """The request of this story, as the store has it."""
        request = await self.day.bot.store.requests.load_by_intune_id(self.filed)
        assert request is not None
        return request

    async def known_cards(self) -> list[Message]:
        """Every card that the bot knows to stand somewhere."""
        found = []
        for copy in await self.day.bot.store.copies.of((await self.request()).id):
            if isinstance(copy.place, InChat):
                continue
            conversation = self.day.tenant.connector.places.find(copy.place.channel)
            message = conversation.message(copy.activity_id) if conversation and copy.activity_id else None
            if message and not copy.lost:
                found.append(message)
        return found

    async def strays(self) -> list[Message]:
        """Every card that stands somewhere, and the bot does not know it."""
        known = {message.id for message in await self.known_cards()}
        eligibility = [message for name in CHANNELS for message in self.day.requests(name)]
        return [message for message in eligibility if message.id not in known and not message.deleted]

    async def take_over(self) -> None:
        """A fresh bot on the same store. What the dead one held is free again after its leases."""
        self.day.tenant.teams.messages_url = f"{self.day.urls[0]}/api/messages"
        for seconds in LEASES:
            self.day.tenant.clock.advance(timedelta(seconds=seconds))
            await self.day.poll()
        await self.day.pass_time(seconds=1)

    async def check(self) -> None:
        """No vote is lost, Intune was told once at most, and every known card is true."""
        request = await self.request()
        cast = {(vote.voter.name.split()[0].lower(), vote.verdict) for vote in request.votes}
        assert set(self.promised) <= cast
        assert len(self.day.tenant.graph.decisions(self.filed)) <= 1
        known = await self.known_cards()
        places = {message.conversation.split(";")[0] for message in known}
        assert places == {self.day.tenant.channels[name].id for name in CHANNELS}
        for message in known:
            self.check_card(message, request)

    def check_card(self, message: Message, request: Request) -> None:
        """Nothing is left to decide on a decided request, and what Intune was not told can be finished."""
        untold = self.day.tenant.graph.request(self.filed).status == "needsApproval"
        carried = request.decision in (Decision.APPROVED, Decision.REJECTED)
        verbs = set(verbs_of(message.card))
        assert bool({"approve", "reject"} & verbs) == (request.decision is Decision.OPEN)
        assert ("finish" in verbs) == (carried and untold)

    async def adopt(self, stray: Message) -> None:
        """A card whose post was never answered is known from its first click on, and is corrected."""
        await self.day.click("alex", "details", stray)
        assert stray.id in {message.id for message in await self.known_cards()}
        self.check_card(stray, await self.request())

    async def check_nothing_is_left(self) -> None:
        """Every effect is done and none was given up, at the latest when the last deadline is over."""
        await self.day.pass_time(hours=73)
        store = self.day.bot.store
        assert await store.outbox.dead_letters() == []
        assert await store.connections.redis.zrange(Keys(self.day.tenant.world.tenant_id).of(names.DUE), 0, -1) == []


Step = tuple[str, Callable[[Story], Awaitable[None]]]
"""A part of a story, by the name that moments know."""


@asynccontextmanager
async def mortal_story(moment: Moment, nursery: Nursery, directory: Path) -> AsyncIterator[Story]:
    """A day whose clients are before a bot that will be killed at that moment."""
    workflows = {"Script deployment": {"channels": _both_channels()}}
    async with mortal_day(moment, nursery, directory, knobs=Knobs(page_size=1), workflows=workflows) as (day, watcher):
        story = Story(day, watcher, nursery)
        portal = day.tenant.portal
        for device in ("PC-1", "PC-2"):
            portal.cancel("petra", portal.file_retire("petra", device, "a mistake"))
        story.filed = portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        yield story


@asynccontextmanager
async def mortal_day(
    moment: Moment, nursery: Nursery, directory: Path, *, asking: bool = False, knobs: Knobs | None = None, **ours: Any
) -> AsyncIterator[tuple[Office, Watcher]]:
    """A day before a bot of its own process; the office's bot is the one that takes over."""
    watcher = Watcher(moment)
    async with AsyncExitStack() as stack:
        day = await stack.enter_async_context(office(directory, knobs, watch=watcher.watch, asking=asking, **ours))
        port = free_port()
        url = f"https://localhost:{port}"
        watcher.pid = await nursery.bear(
            {
                "environment": day.tenant.environment(directory / "ca.pem", url),
                "policy": json.dumps(day.tenant.policy(asking=asking, **ours)),
                "redis_url": await stack.enter_async_context(between(watcher, day.redis_url, directory)),
                "time": await stack.enter_async_context(telling_time(day.tenant.clock, directory)),
                "tls_file": str(authority().write_server(directory / "bot.pem")),
                "port": port,
            }
        )
        day.tenant.teams.messages_url = f"{url}/api/messages"
        yield day, watcher


def _both_channels() -> list[str]:
    places = Places(company())
    return [places.channel(name).id for name in CHANNELS]
