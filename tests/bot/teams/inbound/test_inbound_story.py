"""Simulated clients of Teams and the bot: installing the app, writing, clicking and signing in silently."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from handlers.incoming.clicks import Answer, AskForToken, Click, Say
from simulator.entra import Entra
from simulator.teams.clients import Teams
from simulator.teams.places import Message
from tests.bot.teams.inbound.inbound import REQUEST_ID, TOKEN_RESOURCE, Site, entra_key, site, user_called, world

PAGE = "https://bot.example/signin/abc"
FINISH = {"type": "Action.Execute", "verb": "finish", "title": "Finish", "data": {"request": REQUEST_ID}}


@dataclass
class Tenant:
    """The bot, and the Teams that people use."""

    bot: Site
    teams: Teams

    def card_in(self, place: str) -> Message:
        """Post a card with the button Finish, and return its message."""
        places = self.bot.connector.places
        conversation = places.channel("Approvals") if place == "channel" else places.personal(user_called("alex"))
        content: dict[str, Any] = {"type": "AdaptiveCard", "version": "1.5", "actions": [FINISH]}
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
        return places.write(conversation, {"attachments": [attachment]})


@pytest.fixture
async def tenant() -> AsyncIterator[Tenant]:
    async with site() as bot:
        entra = Entra(world(), entra_key())
        entra.origin = "https://login.microsoftonline.com"
        teams = Teams(world(), bot.clock, entra, bot.connector, bot.session, "sign-in", TOKEN_RESOURCE, bot.url)
        yield Tenant(bot, teams)


def ask_first(bot: Site) -> None:
    """Make the flow ask for a token, and accept any token."""

    async def click(clicked: Click) -> Answer:
        bot.inbox.clicks.append(clicked)
        return Say("Intune has been told.") if clicked.assertion else AskForToken(PAGE)

    bot.inbox.click = click  # type: ignore[method-assign]


async def test_the_app_is_installed_and_spoken_to(tenant: Tenant) -> None:
    """The installation of the app and a message in the channel arrive."""
    channel = tenant.bot.connector.places.channel("Approvals")

    await tenant.teams.install(channel, user_called("olga"))
    await tenant.teams.client("dana").say(channel, "wipe PC-1")

    assert {install.channel for install in tenant.bot.inbox.installs} == {channel.id}
    assert [(message.name, message.text) for message in tenant.bot.inbox.messages] == [("Dana Diaz", "wipe PC-1")]


async def test_a_click_is_signed_silently(tenant: Tenant) -> None:
    """In a chat, Teams fetches a token silently and clicks again, and both clicks have the same idempotency key."""
    ask_first(tenant.bot)

    answer = await tenant.teams.client("alex").click(tenant.card_in("personal"), "Finish")

    assert answer.text == "Intune has been told."
    first, signed = tenant.bot.inbox.clicks
    assert (first.assertion is None, bool(signed.assertion)) == (True, True)
    assert first.once == signed.once


async def test_a_client_that_cannot_sign_in_offers_the_page(tenant: Tenant) -> None:
    """In a channel, where silent sign-in does not work, Teams shows the link to the sign-in page."""
    ask_first(tenant.bot)

    answer = await tenant.teams.client("alex").click(tenant.card_in("channel"), "Finish")

    assert answer.sign_in_url == PAGE
