"""An order whose bot dies on the way, and the checks after the next bot has taken over."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from approvals.order import FilingState
from approvals.request import Decision, Execution, Request
from simulator.browser import sign_in
from simulator.teams.buttons import actions
from simulator.teams.clients import Answer
from simulator.teams.places import Message
from tests.office import Office, text_of, verbs_of
from tests.scenarios.killing import Killed, Watcher
from tests.scenarios.nursery import Nursery

PATIENCE = (31, 61, 121, 11 * 60)
"""Seconds after which the next bot looks: longer than every lease, and longer than a lost answer is looked for."""


@dataclass
class Order:
    """Rita requests a wipe of PC-1, Dana approves it, and the bot does the rest."""

    day: Office
    watcher: Watcher
    nursery: Nursery
    draft: Message | None = None
    answer: Answer | None = None

    async def tell(self) -> None:
        """Play the steps until the bot is dead."""
        steps = [self.ask, self.confirm, self.post, self.vote, self.refresh, self.carry, self.after, self.follow]
        try:
            for step in steps:
                self.watcher.step = step.__name__
                await step()
        except (Killed, aiohttp.ClientError):
            assert self.watcher.struck
        finally:
            self.watcher.end()
            await self.nursery.is_over()
        assert self.watcher.struck, f"the moment never came; there were {self.watcher.passed}"

    async def ask(self) -> None:
        chat = self.day.chat("rita")
        await self.day.client("rita").say(chat, "/wipe PC-1")
        if not chat.messages:
            raise Killed
        self.draft = chat.messages[-1]

    async def confirm(self) -> None:
        assert self.draft is not None
        await self.day.client("rita").click(self.draft, "ask", {"reason": "Stolen on the train", "name": "PC-1"})

    async def post(self) -> None:
        await self.nursery.tell("work")

    async def vote(self) -> None:
        client, card = self.day.client("dana"), self.day.card()
        await client.click(card, "approve")
        self.answer = await client.click(card, "confirm-approve")

    async def refresh(self) -> None:
        await self.nursery.tell("work")

    async def carry(self) -> None:
        assert self.answer is not None
        await sign_in(self.day.tenant.session, "dana", _link(self.answer) or "")

    async def after(self) -> None:
        await self.nursery.tell("work")

    async def follow(self) -> None:
        self.day.tenant.clock.advance(timedelta(minutes=30))
        await self.nursery.tell("work")

    async def take_over(self) -> None:
        """Let a fresh bot take over the same store, and wait for every lease to end."""
        self.day.tenant.teams.messages_url = f"{self.day.urls[0]}/api/messages"
        for seconds in PATIENCE:
            self.day.tenant.clock.advance(timedelta(seconds=seconds))
            await self.day.poll()

    async def to_the_end(self) -> None:
        """Let people repeat what got no answer, and let an approver press Finish where the card offers it."""
        day = self.day
        if await self.request() is None:
            await day.ask("rita", "/wipe PC-1", typed="PC-1")
        request = await self.request()
        if request is not None and request.decision is Decision.OPEN:
            await day.press("dana", "approve", day.card().card, day.card())
            await self._sign_in("dana", await day.click("dana", "confirm-approve", day.card()))
        if "finish" in verbs_of(await day.look("sam", day.card())):
            await self._sign_in("sam", await day.click("sam", "finish", day.card()))
        await day.pass_time(minutes=31)
        await day.poll()

    async def check(self) -> None:
        """Check that the order was filed once, wiped the device once, is done, and that Rita knows it."""
        assert len(self.day.tenant.graph.requests()) == 1
        assert len(self.wipes) == 1
        request = await self.request()
        assert request is not None
        assert request.filing is not None
        assert (request.filing.state, request.execution) == (FilingState.COMPLETED, Execution.DONE)
        assert request.filing.sealed_call == ""
        cards = [message for message in self.day.chat("rita").messages if "✓ Done" in text_of(message.card)]
        assert cards or "Done" in " ".join(self.day.told("rita"))
        assert "✓ Done" in text_of(self.day.card().card)
        assert self.day.alarms() == []

    @property
    def wipes(self) -> list[dict[str, Any]]:
        """The wipes that the device carried out."""
        results: list[dict[str, Any]] = self.day.tenant.world.device("PC-1")["deviceActionResults"]
        return results

    async def request(self) -> Request | None:
        """Return the one request of this story in its current state."""
        requests = self.day.bot.store.requests
        [*ids] = await self.day.bot.store.requests.open_ids()
        filed = self.day.tenant.graph.requests()
        if ids:
            return await requests.load(ids[0])
        return await requests.load_by_intune_id(filed[0].id) if filed else None

    async def _sign_in(self, name: str, answer: Answer) -> None:
        if link := _link(answer):
            await self.day.sign_in(name, link)


def _link(answer: Answer) -> str | None:
    links = [action["url"] for action in actions(answer.card or {}) if action.get("title") == "Sign in"]
    return str(links[0]) if links else None
