"""Steps of the demo: actions of people in Teams and the portal, and waiting for their results."""

import asyncio
from collections.abc import Callable
from typing import Any

from simulator.browser import sign_in
from simulator.teams.buttons import actions
from simulator.teams.clients import Answer
from simulator.teams.places import Message
from simulator.tenant import Tenant
from simulator.terminal import Narrator, plain

PATIENCE = 30.0
"""Seconds to wait for an expected result; one or two are usual."""


REASON = "Left in a taxi last night, INC-2077"


class NotAsTold(Exception):
    """A step of the story did not happen."""


class Stage:
    """A tenant, and a narrator for what happens in it; each step raises `NotAsTold` if it did not happen."""

    def __init__(self, site: Tenant, narrator: Narrator) -> None:
        self.site = site
        self.tell = narrator

    async def write(self, name: str, text: str) -> Message:
        """Write to the bot in the 1:1 chat and return its answer."""
        chat = self.site.connector.places.personal(self.site.world.user(name))
        known = len(chat.messages)
        await self.site.teams.client(name).say(chat, text)
        await self.until(lambda: len(chat.messages) > known, f"the bot answers {text}")
        return chat.messages[-1]

    async def ask(self, name: str, text: str, typed: str, reason: str = REASON) -> Message:
        """Write a command, confirm it, and return the card."""
        card = await self.write(name, text)
        return await self.confirm(name, card, typed, reason) if typed else card

    async def confirm(self, name: str, card: Message, typed: str, reason: str = REASON) -> Message:
        """Fill in the confirmation, press its button, and return the card."""
        inputs = {"reason": reason, "name": typed}
        answer = await self.site.teams.client(name).click(card, "ask", inputs)
        self.check(answer.card is not None, f"{name} could not ask: {answer.error}")
        return card

    async def approve_and_sign_in(self, name: str, card: Message, filed: str) -> None:
        answer = await self.vote(name, card, "approve", "confirm-approve")
        await self.sign_in(name, answer)
        await self.until(lambda: self.status(filed) == "approved", "Intune says approved")

    async def vote(self, name: str, card: Message, first: str, second: str, note: str = "") -> Answer:
        """Vote in two steps and return the answer to the second."""
        client = self.site.teams.client(name)
        step = await client.click(card, first)
        self.check(step.status == 200 and step.card is not None, f"{name} got no second step: {step.error}")
        return await client.click(card, second, {"note": note})

    async def sign_in(self, name: str, answer: Answer) -> None:
        links = [action["url"] for action in actions(answer.card or {}) if action.get("title") == "Sign in"]
        self.check(len(links) == 1, f"{name} was not asked to sign in")
        page = await sign_in(self.site.session, name, links[0])
        self.check("Intune has been told" in page, f"the sign-in ended with: {page}")

    async def refused(self, name: str, card: Message, what: str) -> None:
        answer = await self.site.teams.client(name).click(card, "approve")
        sentence = first_line(answer.card)
        self.check("confirm-approve" not in _verbs(answer.card), f"{name} could have approved")
        self.tell.done(f"{what}. The bot refuses and says why.")
        self.tell.says("Card", sentence)

    async def card(self, channel: str, about: str) -> Message:
        """Wait for a card about something and return the newest one."""

        def found() -> Message | None:
            messages = reversed(self.site.channels[channel].messages)
            return next((one for one in messages if one.card and about in str(one.card)), None)

        await self.until(lambda: found() is not None, f"a card about {about} appears in {channel}")
        card = found()
        assert card is not None
        return card

    async def until_says(self, card: Message, words: str) -> None:
        await self.until(lambda: words in str(card.card), f'the card says "{words}"')

    async def until(self, happened: Callable[[], bool], what: str) -> None:
        with self.tell.waiting(f"Waiting until {what}…"):
            try:
                async with asyncio.timeout(PATIENCE):
                    while not happened():  # noqa: ASYNC110  another process sends no event
                        await asyncio.sleep(0.05)
            except TimeoutError:
                raise NotAsTold(f"This did not happen in time: {what}.") from None

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise NotAsTold(f"A step failed: {otherwise}.")

    def status(self, filed: str) -> str:
        return self.site.graph.request(filed).status

    def device(self, name: str) -> dict[str, Any]:
        return self.site.world.device(name)


def first_line(card: dict[str, Any] | None) -> str:
    """Return the first text of a card."""
    first = (card or {}).get("body", [{}])[0]
    while "items" in first:
        first = first["items"][0]
    return plain(str(first.get("text", "")))


def _verbs(card: dict[str, Any] | None) -> set[str]:
    return {str(action.get("verb")) for action in actions(card or {})}
