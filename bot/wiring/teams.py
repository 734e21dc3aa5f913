"""The Teams edge: chat, endpoint, and the pages where people sign in."""

import random
import secrets
import time
from dataclasses import dataclass

from bot.config.credential import Credential
from bot.config.origins import ServiceOrigins
from bot.entra.person_tokens import PersonTokens
from bot.entra.signing_keys import SigningKeys
from bot.journeys.doors import Journeys
from bot.signin.break_glass_page import EmergencyPage
from bot.signin.exchange import TeamsSignIn
from bot.signin.page import SignInPage
from bot.signin.seal import Seal
from bot.store import Store
from bot.teams.inbound.activity import Admission
from bot.teams.inbound.endpoint import Endpoint
from bot.teams.inbound.tokens import InboundTokens
from bot.teams.outbound.chat import TeamsChat
from bot.teams.outbound.connector import Connector
from bot.teams.outbound.pacing import Pace
from bot.wiring.neighbours import Neighbours
from handlers.click import Clicks
from handlers.incoming.clicks import Answer, Click
from handlers.incoming.inbox import Installation, Message, Removal
from handlers.installed import Installing
from handlers.message import Messages

SIGN_IN_SCOPE = "DeviceManagementRBAC.Read.All"
"""Delegated permission with which a person approves and rejects. Graph lists only "Read" scopes for it."""


def chat_of(near: Neighbours, store: Store, origins: ServiceOrigins) -> TeamsChat:
    settings = near.settings
    connector = Connector(
        near.session,
        near.bot_token,
        origins,
        Pace(near.timing.monotonic, near.timing.sleep),
        app_id=settings.bot.app_id,
        tenant_id=settings.tenant_id,
        teams=settings.addresses.teams,
        sleep=near.timing.sleep,
        jitter=random.random,
    )
    return TeamsChat(connector, store.conversations, settings.addresses.service_url, near.timing.monotonic)


def person_tokens_of(near: Neighbours) -> PersonTokens:
    settings = near.settings
    app_id = settings.sign_in.app_id if settings.sign_in else ""
    return PersonTokens(
        SigningKeys(near.session, f"{near.authority.url}/v2.0/.well-known/openid-configuration", near.timing.monotonic),
        issuer=f"{near.authority.url}/v2.0",
        tenant_id=settings.tenant_id,
        audiences=(app_id, settings.token_resource),
    )


def sign_in_of(near: Neighbours, store: Store, people: PersonTokens, credential: Credential) -> TeamsSignIn:
    return TeamsSignIn(
        people,
        store.nonces,
        authority=near.authority,
        credential=credential,
        scope=_scope(near),
        public_url=near.settings.public_url,
    )


def pages_of(
    near: Neighbours, store: Store, people: PersonTokens, journeys: Journeys, context: str
) -> tuple[SignInPage, EmergencyPage] | None:
    """Create the sign-in page and the emergency page; `None` if people cannot sign in."""
    settings, key = near.settings, near.settings.session_key
    if settings.sign_in is None:
        return None
    # A single process needs no shared key; sign-ins in progress end with it.
    seal = Seal(key.get_secret_value().encode() if key else secrets.token_bytes(32))
    lobbies, form, signed = journeys.lobbies, journeys.emergency_form, journeys.signed
    emergency_page = EmergencyPage(store.nonces, seal, lobbies.enter, form.typed, context=context, clock=time.time)
    page = SignInPage(
        people,
        store.nonces,
        signed.signed_in,
        signed.sign_in_failed,
        authority=near.authority,
        credential=settings.sign_in.credential(),
        scope=_scope(near),
        public_url=settings.public_url,
        seal=seal,
        enter=emergency_page.enter,
        emergency_context=context,
        clock=time.time,
    )
    return page, emergency_page


def _scope(near: Neighbours) -> str:
    return f"{near.settings.addresses.graph}/{SIGN_IN_SCOPE}"


def endpoint_of(near: Neighbours, origins: ServiceOrigins, journeys: Journeys) -> Endpoint:
    settings, addresses = near.settings, near.settings.addresses
    tokens = InboundTokens(
        SigningKeys(near.session, addresses.bot_metadata, near.timing.monotonic),
        origins,
        app_id=settings.bot.app_id,
        issuer=addresses.bot_issuer,
        clock=time.time,
    )
    admission = Admission(settings.bot.app_id, [settings.tenant_id])
    return Endpoint(
        tokens,
        admission,
        JourneysInbox(journeys.clicks, journeys.messages, journeys.installing),
        token_resource=settings.token_resource,
    )


@dataclass(frozen=True, slots=True)
class JourneysInbox:
    """The port `Inbox`."""

    clicks: Clicks
    messages: Messages
    installing: Installing

    async def click(self, clicked: Click) -> Answer:
        """Handle a click."""
        return await self.clicks.click(clicked)

    async def message(self, written: Message) -> None:
        """Handle a message."""
        await self.messages.message(written)

    async def installed(self, where: Installation) -> None:
        """Remember how to write there."""
        await self.installing.installed(where)

    async def removed(self, where: Removal) -> None:
        """Forget how to write there."""
        await self.installing.removed(where)
