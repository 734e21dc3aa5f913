"""Creates every part of the product: from settings and configuration to a bot that can be served."""

import asyncio
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
from azure.storage.blob.aio import ContainerClient

from approvals.brake import Operator
from approvals.policy import PolicyBook
from approvals.request import DecisionsMode
from bot.adapters import Adapters
from bot.audit_log.blob import BlobCopy
from bot.audit_log.opening import audit_log, directory_of, sealed_log_witness
from bot.audit_log.service import AuditLog
from bot.audit_log.telling import Telling
from bot.certificates import trust
from bot.config.credential import Credential
from bot.config.environment import Settings
from bot.config.file import Config, ConfigError
from bot.config.origins import ServiceOrigins
from bot.emergency.client import EmergencyClient
from bot.entra.application_tokens import AppTokens
from bot.entra.msal_client import Authority
from bot.entra.person_tokens import PersonTokens
from bot.entra.signing_keys import SigningKeys
from bot.graph.directory import GraphDirectory
from bot.graph.filing import GraphFiler
from bot.graph.http import GraphClient
from bot.graph.intune import GraphIntune
from bot.graph.mail import GraphMail
from bot.graph.orders import GraphOrders
from bot.graph.people import Identities
from bot.graph.presence import GraphPresence
from bot.jobs import Worker
from bot.journeys.doors import Journeys
from bot.oncall.rota import on_call
from bot.outside import WebHeartbeat, Webhook, is_allowed
from bot.policy.book import resolve, resolve_identities, resolve_owners
from bot.signin.break_glass_page import DoorPage
from bot.signin.exchange import TeamsSignIn
from bot.signin.page import SignInPage
from bot.signin.seal import Seal
from bot.store import LEASE, Store, open_store
from bot.store.embedded import Embedded, kept_server
from bot.store.epoch import Remembered
from bot.store.vault import FernetVault
from bot.store.witness_file import WitnessFile
from bot.teams.inbound.activity import Admission
from bot.teams.inbound.endpoint import Endpoint
from bot.teams.inbound.tokens import InboundTokens
from bot.teams.outbound.chat import TeamsChat
from bot.teams.outbound.connector import Connector
from bot.teams.outbound.pacing import Pace
from handlers.click import Clicks
from handlers.incoming.clicks import Answer, Click
from handlers.incoming.inbox import Installation, Message, Removal
from handlers.installed import Installing
from handlers.intune.minder import Minder
from handlers.message import Messages
from handlers.poll import Poller
from handlers.ports.clock import Clock
from handlers.ports.orders import FilingRoom

SIGN_IN_SCOPE = "DeviceManagementRBAC.Read.All"
"""Delegated permission with which a person approves and rejects. Graph lists only "Read" scopes for it."""

MOST_CONNECTIONS = 200
"""To all neighbours together; each client has its own, narrower limits."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks: `clock` for every decision (Redis' own if it is `None`), the others for pauses."""

    clock: Clock | None = None
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


REAL_TIME = Timing()


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts that `bot.app` serves and runs. `pages` exist if people can sign in, `audit_log` if it has a key."""

    config: Config
    adapters: Adapters
    journeys: Journeys
    poller: Poller
    worker: Worker
    store: Store
    endpoint: Endpoint
    pages: tuple[SignInPage, DoorPage] | tuple[()]
    minder: Minder
    audit_log: AuditLog | None
    witness: WitnessFile


@dataclass(frozen=True, slots=True)
class Neighbours:
    """This process's connections to Microsoft's services."""

    settings: Settings
    timing: Timing
    session: aiohttp.ClientSession
    authority: Authority
    graph: GraphClient
    bot_token: AppTokens
    worker_token: AppTokens
    actor_token: AppTokens | None


@asynccontextmanager
async def neighbours(settings: Settings, timing: Timing) -> AsyncIterator[Neighbours]:
    """Create the clients of Entra, Graph and Teams, until the block ends. Nothing is sent yet."""
    addresses = settings.addresses
    authority = Authority(f"{addresses.authority}/{settings.tenant_id}", settings.ca_file)
    worker = AppTokens(authority, settings.worker.credential(), f"{addresses.graph}/.default")
    own = AppTokens(authority, settings.bot.credential(), addresses.bot_scope)
    actor = AppTokens(authority, settings.actor.credential(), f"{addresses.graph}/.default") if settings.actor else None
    connector = aiohttp.TCPConnector(ssl=trust(settings.ca_file), limit=MOST_CONNECTIONS)
    try:
        async with aiohttp.ClientSession(connector=connector) as session:
            graph = GraphClient(session, addresses.graph, worker, sleep=timing.sleep)
            yield Neighbours(settings, timing, session, authority, graph, own, worker, actor)
    finally:
        for tokens in (worker, own, actor):
            if tokens is not None:
                tokens.close()


@asynccontextmanager
async def redis_of(settings: Settings) -> AsyncIterator[Embedded]:
    """Use the configured Redis, or run an embedded server until the block ends."""
    if settings.redis_url:
        yield Embedded(settings.redis_url.get_secret_value(), asyncio.get_running_loop().create_future())
        return
    async with kept_server(settings.state_dir) as own:
        yield own


@asynccontextmanager
async def assembled(
    settings: Settings,
    config: Config,
    redis_url: str,
    timing: Timing = REAL_TIME,
    *,
    adopter: Operator | None = None,
) -> AsyncIterator[Bot]:
    """Create the whole bot, until the block ends. `adopter` restores a configuration that was replaced.

    Raises `ConfigError` for groups and people that the directory does not know, `Unfit` for a Redis that may lose
    approvals, `OtherSchema` and `Superseded` for a store that this version or this configuration must not write to,
    `PortError` if a neighbour does not answer.
    """
    if config.countersign.decisions is DecisionsMode.CARRY and settings.sign_in is None:
        raise ConfigError(['countersign.decisions: "carry" needs COUNTERSIGN_SIGN_IN_APP_ID and its credential'])
    if config.asks_in_chat and (missing := list(missing_to_file(settings))):
        raise ConfigError([f"countersign.workflows: requesterGroups need {name}" for name in missing])
    if untold := list(missing_to_tell(settings, config)):
        raise ConfigError(untold)
    async with AsyncExitStack() as stack:
        near = await stack.enter_async_context(neighbours(settings, timing))
        book = await resolve(config, near.graph)
        owners = await resolve_owners(config, near.graph)
        remembered = await asyncio.to_thread(witnesses_of, settings)
        store = await open_store(
            redis_url,
            settings.tenant_id,
            book.digest,
            clock=timing.clock,
            lease=LEASE,
            witnesses=remembered,
            adopter=adopter,
        )
        identities = await resolve_identities(config, near.graph)
        stack.push_async_callback(store.close)
        copy = None
        if settings.audit_blob_url:
            container = ContainerClient.from_container_url(settings.audit_blob_url.get_secret_value())
            copy = BlobCopy(await stack.enter_async_context(container))
        yield _bot(near, config, book, owners, identities, store, copy)


def witnesses_of(settings: Settings) -> list[Remembered]:
    """Return the memories of the store that survive a restart: the witness file and the sealed log."""
    found = [WitnessFile(settings.state_dir).read(), sealed_log_witness(directory_of(settings))]
    return [one for one in found if one is not None]


def missing_to_file(settings: Settings) -> Iterator[str]:
    """Yield the missing settings for filing chat requests."""
    if settings.actor is None:
        yield "COUNTERSIGN_ACTOR_APP_ID and its credential"
    if settings.sign_in is None:
        yield "COUNTERSIGN_SIGN_IN_APP_ID and its credential"
    if not settings.filing_keys:
        yield "COUNTERSIGN_FILING_KEY"


def missing_to_tell(settings: Settings, config: Config) -> Iterator[str]:
    """Yield the missing settings for the alarm addresses."""
    alarm = config.countersign.alarm
    for name, address in (("webhook", alarm.webhook), ("heartbeat", alarm.heartbeat)):
        if address and not is_allowed(address, settings.alarm_origins):
            yield f"countersign.alarm.{name}: its origin is not in COUNTERSIGN_ALARM_ORIGINS"
    if alarm.webhook and not settings.webhook_keys:
        yield "countersign.alarm.webhook: this needs COUNTERSIGN_ALARM_WEBHOOK_SECRET"


def _bot(
    near: Neighbours,
    config: Config,
    book: PolicyBook,
    owners: dict[str, tuple[str, ...]],
    identities: Identities,
    store: Store,
    copy: BlobCopy | None,
) -> Bot:
    settings, ours = near.settings, config.countersign
    origins = ServiceOrigins(settings.addresses.service_origins)
    people = _person_tokens(near)
    adapters = Adapters(
        clock=store.clock,
        requests=store.requests,
        continuity=store.continuity,
        copies=store.copies,
        outbox=store.outbox,
        poll_state=store.poll,
        intune=GraphIntune(near.graph),
        directory=GraphDirectory(
            near.graph, identities, direct_membership=ours.membership == "direct", clock=store.clock
        ),
        chat=_chat(near, store, origins),
        conversations=store.conversations,
        sign_in=_sign_in(near, store, people, settings.sign_in.credential()) if settings.sign_in else None,
        brakes=store.brakes,
        drafts=store.drafts,
        prompts=store.prompts,
        notices=store.notices,
        memory=store.memory,
        mail=GraphMail(near.graph, ours.mailbox) if ours.mailbox else None,
        presence=GraphPresence(near.graph, store.clock),
        on_call=on_call(ours.on_call, near.graph, near.session, store.clock),
        alone=EmergencyClient(near.session, settings.emergency_url) if settings.emergency_url else None,
        orders=GraphOrders(near.graph),
        room=_filing(near),
        book=book,
        decisions=ours.decisions,
        replica=f"{socket.gethostname()}-{secrets.token_hex(4)}",
        owners=owners,
        portal_url=settings.addresses.portal_url,
        operations_channel=ours.operations_channel or "",
        outside=_webhook(near, ours.alarm.webhook, store.clock) if ours.alarm.webhook else None,
    )
    heartbeat = WebHeartbeat(near.session, ours.alarm.heartbeat) if ours.alarm.heartbeat else None
    journeys = Journeys(adapters)
    return Bot(
        config=config,
        adapters=adapters,
        journeys=journeys,
        worker=Worker(store.outbox, store.clock, journeys.effects.perform),
        poller=Poller(journeys.poll, journeys.lead, store.clock, ours.poll_every),
        store=store,
        endpoint=_endpoint(near, origins, journeys),
        pages=_pages(near, store, people, journeys, ours.emergency.authentication_context) or (),
        minder=Minder(store.poll, store.outbox, store.clock, heartbeat, ours.no_poll_for),
        audit_log=audit_log(settings, _telling(adapters), store.clock, store, copy),
        witness=WitnessFile(settings.state_dir),
    )


def _webhook(near: Neighbours, address: str, clock: Clock) -> Webhook:
    return Webhook(near.session, address, near.settings.webhook_keys, near.settings.public_url, clock)


def _filing(near: Neighbours) -> FilingRoom | None:
    """Create what files as the actor; without it nothing can be requested in chat."""
    settings = near.settings
    if settings.actor is None or near.actor_token is None or not settings.filing_keys:
        return None
    graph = GraphClient(near.session, settings.addresses.graph, near.actor_token, sleep=near.timing.sleep)
    return FilingRoom(GraphFiler(graph, settings.actor.app_id), FernetVault(*settings.filing_keys))


def _chat(near: Neighbours, store: Store, origins: ServiceOrigins) -> TeamsChat:
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


def _person_tokens(near: Neighbours) -> PersonTokens:
    settings = near.settings
    app_id = settings.sign_in.app_id if settings.sign_in else ""
    return PersonTokens(
        SigningKeys(near.session, f"{near.authority.url}/v2.0/.well-known/openid-configuration", near.timing.monotonic),
        issuer=f"{near.authority.url}/v2.0",
        tenant_id=settings.tenant_id,
        audiences=(app_id, settings.token_resource),
    )


def _sign_in(near: Neighbours, store: Store, people: PersonTokens, credential: Credential) -> TeamsSignIn:
    return TeamsSignIn(
        people,
        store.nonces,
        authority=near.authority,
        credential=credential,
        scope=_scope(near),
        public_url=near.settings.public_url,
    )


def _pages(
    near: Neighbours, store: Store, people: PersonTokens, journeys: Journeys, context: str
) -> tuple[SignInPage, DoorPage] | None:
    """Create the sign-in page and the emergency page; `None` if people cannot sign in."""
    settings, key = near.settings, near.settings.session_key
    if settings.sign_in is None:
        return None
    # A single process needs no shared key; sign-ins in progress end with it.
    seal = Seal(key.get_secret_value().encode() if key else secrets.token_bytes(32))
    lobbies, door, signed = journeys.lobbies, journeys.door, journeys.signed
    door_page = DoorPage(store.nonces, seal, lobbies.enter, door.typed, context=context, clock=time.time)
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
        enter=door_page.enter,
        door_context=context,
        clock=time.time,
    )
    return page, door_page


def _scope(near: Neighbours) -> str:
    return f"{near.settings.addresses.graph}/{SIGN_IN_SCOPE}"


def _endpoint(near: Neighbours, origins: ServiceOrigins, journeys: Journeys) -> Endpoint:
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


def _telling(adapters: Adapters) -> Telling:
    return Telling(
        adapters.chat, adapters.operations_channel, adapters.mail, adapters.directory, adapters.book.auditors
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
