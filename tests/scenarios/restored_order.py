"""An order from its first word to the wiped device. On the way the store is put back to an earlier moment."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web

from approvals.request import Decision, Request
from simulator.teams.buttons import actions
from simulator.teams.clients import Answer
from simulator.teams.places import Message
from tests.office import Office, verbs_of
from tests.restoring import Snapshot, restore, snapshot

ROUNDS = 6
"""How many times everybody comes back to the card and does what it offers, each time some minutes later."""


class Moment(StrEnum):
    """A named moment of an order's life."""

    TYPED = "typed"
    CONFIRMED = "confirmed"
    VOTED = "voted"  # one of two
    DECIDED = "decided"
    RESERVED = "reserved"  # the filing call is reserved, and on its way
    FILED = "filed"  # Intune holds it; the approval there is on its way
    APPROVED = "approved"  # in Intune; the completing call is on its way
    COMPLETED = "completed"
    DONE = "done"


@dataclass
class RestoredOrder:
    """Rita requests a wipe of PC-1; Dana and Ivan approve it. At the moment `at`, the store goes back to the earlier
    moment `back`."""

    back: Moment
    at: Moment
    day: Office | None = None
    taken: dict[Moment, Snapshot] = field(default_factory=dict)
    went_back: bool = False
    _passed: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def watch(self, service: str, request: web.Request) -> AsyncIterator[None]:
        """Watch the calls to Intune, and take or restore a snapshot at the moments between them."""
        if service == "graph" and request.method == "POST" and self.day is not None:
            last = request.path.rsplit("/", 1)[-1]
            if last in ("wipe", "approve"):
                self._passed.append(last)
                await self._reach(_ON_THE_WAY.get(tuple(self._passed)))
        yield

    async def tell(self, day: Office) -> None:
        """Play the order until the store goes back."""
        self.day = day
        steps = [self._type, self._confirm, self._vote, self._decide, self._carry, self._end]
        for step in steps:
            if not self.went_back:
                await step()
        assert self.went_back, f"the moment {self.at} never came"

    async def go_on(self) -> None:
        """Let the bot notice the loss, and let people do what their cards offer them."""
        assert self.day is not None
        for _ in range(ROUNDS):
            await self.day.poll()
            for card in self.day.requests():
                for name in ("dana", "ivan"):
                    await self._do_what_is_offered(name, card)
            await self.day.pass_time(minutes=16)

    async def request(self) -> Request | None:
        """Return the order's request as the store knows it."""
        assert self.day is not None
        asked = [entry.request_id for entry in await self.day.audit() if entry.request_id]
        return await self.day.bot.store.requests.load(asked[0]) if asked else None

    @property
    def wipes(self) -> list[dict[str, Any]]:
        """The wipes that the device carried out."""
        assert self.day is not None
        results: list[dict[str, Any]] = self.day.tenant.world.device("PC-1")["deviceActionResults"]
        return results

    async def _reach(self, moment: Moment | None) -> None:
        assert self.day is not None
        if moment is None or self.went_back:
            return
        self.taken[moment] = await snapshot(self.day.redis_url)
        if moment is self.at:
            await restore(self.day.redis_url, self.taken[self.back])
            self.went_back = True

    async def _type(self) -> None:
        assert self.day is not None
        [self._draft] = await self.day.say("rita", "/wipe PC-1")
        await self._reach(Moment.TYPED)

    async def _confirm(self) -> None:
        assert self.day is not None
        await self.day.client("rita").click(self._draft, "ask", {"reason": "Stolen on the train", "name": "PC-1"})
        await self.day.work()
        await self._reach(Moment.CONFIRMED)

    async def _vote(self) -> None:
        assert self.day is not None
        await self.day.approve("dana", self.day.card())
        await self._reach(Moment.VOTED)

    async def _decide(self) -> None:
        assert self.day is not None
        self._answer = await self.day.approve("ivan", self.day.card())
        await self._reach(Moment.DECIDED)

    async def _carry(self) -> None:
        await self._sign_in("ivan", self._answer)
        await self._reach(Moment.COMPLETED)

    async def _end(self) -> None:
        assert self.day is not None
        await self.day.pass_time(minutes=31)
        await self._reach(Moment.DONE)

    async def _do_what_is_offered(self, name: str, card: Message) -> None:
        """Approve if this person's card offers it, or else finish if it offers that."""
        assert self.day is not None
        offered = verbs_of(await self.day.look(name, card))
        if "approve" in offered:
            await self._sign_in(name, await self.day.approve(name, card))
        elif "finish" in offered:
            await self._sign_in(name, await self.day.click(name, "finish", card))

    async def _sign_in(self, name: str, answer: Answer) -> None:
        assert self.day is not None
        links = [action["url"] for action in actions(answer.card or {}) if action.get("title") == "Sign in"]
        for link in links:
            await self.day.sign_in(name, str(link))


_ON_THE_WAY = {
    ("wipe",): Moment.RESERVED,
    ("wipe", "approve"): Moment.FILED,
    ("wipe", "approve", "wipe"): Moment.APPROVED,
}


def told_of_a_loss(day: Office) -> bool:
    """Return whether the operations channel heard that the store went back."""
    return any("went back" in said or "is not what it was" in said for said in day.alarms())


def is_undecided(request: Request | None) -> bool:
    """Return whether the order still waits for people."""
    return request is not None and request.decision is Decision.OPEN


def describe(day: Office) -> str:
    """Return what Intune and the channel know, for the message of a failing test."""
    return json.dumps({"intune": [one.status for one in day.tenant.graph.requests()], "alarms": day.alarms()})
