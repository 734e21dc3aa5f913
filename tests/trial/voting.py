"""Two replicas of the whole bot, people who vote through both, and a count of what remains of their votes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import cycle, product
from pathlib import Path
from typing import Any

from approvals.request import Request
from bot.app import listening
from bot.config.file import parse
from bot.wiring.bot import (
    Bot,
    assembled,
)
from cards.actions import Verb, stamped
from handlers import click
from handlers.ports.errors import PortError
from handlers.ports.places import InChannel
from simulator.clock import WallClock
from simulator.teams.buttons import button
from simulator.teams.places import Message
from simulator.tenant import Tenant, tenant
from simulator.world import guid
from tests.bot.processes import tls_file
from tests.office import authority, settings_of, text_of
from tests.servers import free_port
from tests.trial.stages import Stage

VOTERS, REQUESTS = 10, 30  # a card names at most twelve people
VOTES = VOTERS * REQUESTS
STRUCK_AFTER = 100
AT_ONCE = 6
LONGEST = 60.0
"""Seconds after which voters give up, and within which every card must show the final state."""


@dataclass
class Result:
    """The result of a trial: acknowledged votes, how many of them were lost, and the longest time without an accepted
    vote."""

    name: str
    acknowledged: set[tuple[str, str]] = field(default_factory=set)
    lost: int = 0
    longest_gap: float = 0.0
    uncertain: int = 0
    wrong_cards: int = 0

    def line(self) -> str:
        """Return the result as one row of the table."""
        return (
            f"{self.name:24} {len(self.acknowledged):>6} {self.lost:>6} {self.uncertain:>10} {self.longest_gap:>9.1f} "
            f"{REQUESTS - self.wrong_cards:>6} of {REQUESTS}"
        )


HEAD = f"{'':24} {'votes':>6} {'lost':>6} {'uncertain':>10} {'seconds':>9} {'cards equal':>12}"


@dataclass
class Company:
    """The tenant with many approvers, and two replicas of the bot."""

    site: Tenant
    bots: list[Bot]
    urls: list[str]

    async def cards(self) -> dict[str, Message]:
        """File all requests, and return their cards as soon as each request has one."""
        for number in range(REQUESTS):
            self.site.portal.file_wipe("rita", f"CROWD-{number}", "Stolen")
        await self.bots[0].journeys.poll.poll()
        async with asyncio.timeout(LONGEST):
            while len(found := self._posted(await self.requests())) < REQUESTS:  # noqa: ASYNC110  like a person
                await asyncio.sleep(0.1)
        return found

    async def requests(self) -> list[Request]:
        """Return every open request as it is stored now."""
        return list(await self.bots[0].store.requests.open())

    async def confirmations(self, cards: Mapping[str, Message]) -> dict[str, dict[str, Any]]:
        """Return, for each request, the second button of an approval. It is the same for everybody."""
        client, found = self.site.teams.client(_voter(0)), {}
        for request_id, message in cards.items():
            step = await client.click(message, Verb.APPROVE)
            found[request_id] = button(step.card or {}, Verb.CONFIRM_APPROVE) or {}
        return found

    async def vote(self, name: str, message: Message, confirm: dict[str, Any], url: str) -> bool:
        """Press the button. Return whether the card that comes back shows the vote. An uncertain answer does not
        count."""
        self.site.teams.messages_url = f"{url}/api/messages"
        answer = await self.site.teams.client(name).invoke(message, confirm, "manual")
        told = text_of(answer.card)
        return click.NO_ANSWER not in told and self.site.world.user(name).name in told

    async def wrong_cards(self, cards: dict[str, Message]) -> int:
        """Return how many cards still differ from the store after some time to settle."""
        wrong = REQUESTS
        until = time.monotonic() + LONGEST
        while wrong and time.monotonic() < until:
            await asyncio.sleep(0.5)
            try:
                wrong = sum([cards[one.id].card != await self._drawn(one) for one in await self.requests()])
            except PortError:
                continue
        return wrong

    async def _drawn(self, request: Request) -> object:
        bot, channel = self.bots[0], self.site.channels["Approvals"].id
        card = await bot.journeys.views.base_card(request, channel)
        [attempt] = [
            one.attempt
            for one in await bot.store.copies.of(request.id)
            if one.lives and one.place == InChannel(channel)
        ]
        return json.loads(json.dumps(stamped(card, attempt)))

    def _posted(self, requests: list[Request]) -> dict[str, Message]:
        messages = self.site.channels["Approvals"].messages
        return {one.id: message for one in requests for message in messages if one.id in text_of(message.card)}


def _voter(number: int) -> str:
    return f"crowd-{number:02}"


@asynccontextmanager
async def company(redis_url: str, directory: Path) -> AsyncIterator[Company]:
    """Start two replicas on this Redis, each with all its background jobs."""
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(tenant(WallClock(), authority=authority()))
        _gather_a_crowd(site)
        policy = site.policy(decisions="track")
        [wipe] = [one for one in policy["approvalWorkflows"] if one["operation"] == "Device wipe"]
        wipe["requiredApprovers"] = VOTERS
        opened = Company(site, [], [])
        for _ in range(2):
            port = free_port()
            url = f"https://localhost:{port}"
            environment = site.environment(directory / "ca.pem", url) | {
                "COUNTERSIGN_PORT": str(port),
                "COUNTERSIGN_TLS_FILE": str(tls_file(directory)),
                "COUNTERSIGN_REDIS_URL": redis_url,
                "COUNTERSIGN_SESSION_KEY": "k" * 32,
            }
            settings = settings_of(environment)
            bot = await stack.enter_async_context(assembled(settings, parse(json.dumps(policy)), redis_url))
            await stack.enter_async_context(listening(settings, bot))
            opened.bots.append(bot)
            opened.urls.append(url)
        site.teams.messages_url = f"{opened.urls[0]}/api/messages"
        for channel in site.channels.values():
            await site.teams.install(channel, site.world.user("marc"))
        yield opened


def _gather_a_crowd(site: Tenant) -> None:
    """Add as many approvers as a quorum may have, and one device for each request."""
    world = site.world
    model, laptop = world.user("dana"), world.device("PC-1")
    for number in range(VOTERS):
        name = _voter(number)
        upn = f"{name}@{model.upn.partition('@')[2]}"
        person = replace(model, id=guid("user", upn), name=name, upn=upn, employee_id=f"E-{name}")
        world.users[person.id] = person
        world.group("Device-Managers" if number % 2 else "Security-Team").members.add(person.id)
    for number in range(REQUESTS):
        device = deepcopy(laptop) | {"id": guid("device", f"crowd-{number}"), "deviceName": f"CROWD-{number}"}
        world.devices[device["id"]] = device


async def everybody_votes(name: str, opened: Company, stage: Stage) -> Result:
    """Let everybody vote on everything, through both replicas, and strike after the first hundred votes."""
    result, cards = Result(name), await opened.cards()
    confirm = await opened.confirmations(cards)
    waiting = asyncio.Queue[tuple[str, str]]()
    for pair in product(map(_voter, range(VOTERS)), cards):
        waiting.put_nowait(pair)
    replicas, last = cycle(opened.urls), time.monotonic()
    struck, until = asyncio.Event(), time.monotonic() + LONGEST

    async def keep_voting() -> None:
        nonlocal last
        while len(result.acknowledged) < VOTES and time.monotonic() < until:
            try:
                who, request_id = waiting.get_nowait()
            except asyncio.QueueEmpty:
                await asyncio.sleep(0.05)
                continue
            if await opened.vote(who, cards[request_id], confirm[request_id], next(replicas)):
                result.acknowledged.add((who, request_id))
                result.longest_gap, last = max(result.longest_gap, time.monotonic() - last), time.monotonic()
                if len(result.acknowledged) == STRUCK_AFTER:
                    struck.set()
            else:
                result.uncertain += 1
                waiting.put_nowait((who, request_id))
                await asyncio.sleep(0.1)

    async def break_it() -> None:
        await struck.wait()
        await stage.strike()

    await asyncio.gather(break_it(), *(keep_voting() for _ in range(AT_ONCE)))
    await stage.heal()
    result.wrong_cards = await opened.wrong_cards(cards)
    stored = {(vote.voter.name, one.id) for one in await opened.requests() for vote in one.votes}
    result.lost = len(result.acknowledged - stored)
    return result
