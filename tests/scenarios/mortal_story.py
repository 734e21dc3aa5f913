"""A story whose bot dies on the way, and the checks after the next bot has taken over."""

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
"""Seconds after which the next bot looks: longer than the leases of effects and of the poller, and than that of a call
to Intune."""


@dataclass
class Story:
    """A script that needs two people. Two older requests are over; each request is a page of its own in Intune's
    list."""

    day: Office
    watcher: Watcher
    nursery: Nursery
    filed: str = ""
    promised: list[tuple[str, Verdict]] = field(default_factory=list)
    deciding: Answer | None = None

    async def tell(self, steps: "Iterable[Step]") -> None:
        """Play the steps until the bot is dead."""
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
        """Let the bot poll Intune."""
        await self.nursery.tell("poll")

    async def work(self) -> None:
        """Let the bot do what is due."""
        await self.nursery.tell("work")

    async def vote(self, name: str, verdict: Verdict) -> None:
        """Take both steps of a vote as this person. If the answer shows no error, the vote counts as promised."""
        client, card = self.day.client(name), self.day.card()
        await client.click(card, verdict.value)
        answer = await client.click(card, f"confirm-{verdict.value}", {"note": "seen"})
        if answer.status == 200 and not answer.error:
            self.promised.append((name, verdict))
            self.deciding = answer

    async def sign_in(self, name: str) -> None:
        """Sign in as the person whose vote decided, so that the decision is carried."""
        assert self.deciding is not None
        await sign_in(self.day.tenant.session, name, sign_in_link(self.deciding))

    async def complete(self) -> None:
        """Complete the request as the person who filed it, and let the bot poll."""
        self.day.tenant.portal.complete("petra", self.filed)
        await self.poll()

    async def request(self) -> Request:
        """Return the request of this story as the store has it."""
        request = await self.day.bot.store.requests.load_by_intune_id(self.filed)
        assert request is not None
        return request

    async def known_cards(self) -> list[Message]:
        """Return every card in a channel that the bot knows."""
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
        """Return every card in a channel that the bot does not know."""
        known = {message.id for message in await self.known_cards()}
        eligibility = [message for name in CHANNELS for message in self.day.requests(name)]
        return [message for message in eligibility if message.id not in known and not message.deleted]

    async def take_over(self) -> None:
        """Let a fresh bot take over the same store. After the leases of the dead bot, its work is free again."""
        self.day.tenant.teams.messages_url = f"{self.day.urls[0]}/api/messages"
        for seconds in LEASES:
            self.day.tenant.clock.advance(timedelta(seconds=seconds))
            await self.day.poll()
        await self.day.pass_time(seconds=1)

    async def check(self) -> None:
        """Check that no vote is lost, that Intune was told once at most, and that every known card is true."""
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
        """Check that a decided request cannot be voted on, and that a decision that Intune does not know can be
        finished."""
        untold = self.day.tenant.graph.request(self.filed).status == "needsApproval"
        carried = request.decision in (Decision.APPROVED, Decision.REJECTED)
        verbs = set(verbs_of(message.card))
        assert bool({"approve", "reject"} & verbs) == (request.decision is Decision.OPEN)
        assert ("finish" in verbs) == (carried and untold)

    async def adopt(self, stray: Message) -> None:
        """Click on a stray card once. From then on the bot knows the card and has corrected it."""
        await self.day.click("alex", "details", stray)
        assert stray.id in {message.id for message in await self.known_cards()}
        self.check_card(stray, await self.request())

    async def check_nothing_is_left(self) -> None:
        """Check that every effect is done and that none was given up, at the latest after the last deadline."""
        await self.day.pass_time(hours=73)
        store = self.day.bot.store
        assert await store.outbox.dead_letters() == []
        assert await store.connections.redis.zrange(Keys(self.day.tenant.world.tenant_id).of(names.DUE), 0, -1) == []


Step = tuple[str, Callable[[Story], Awaitable[None]]]
"""A part of a story, by the name that a moment uses."""


@asynccontextmanager
async def mortal_story(moment: Moment, nursery: Nursery, directory: Path) -> AsyncIterator[Story]:
    """Open a day whose clients talk to a bot that will be killed at that moment, and file the script."""
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
    """Open a day with a bot in its own process, which will be killed. The office's bot is the one that takes over."""
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
