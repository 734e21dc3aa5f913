"""Creates every part of the product: from settings and configuration to a bot that can be served."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from azure.storage.blob.aio import ContainerClient

from approvals.brake import Operator
from approvals.policy import PolicyBook
from approvals.request import DecisionsMode
from bot.adapters import Adapters
from bot.audit_log.blob import BlobCopy
from bot.audit_log.opening import audit_log
from bot.audit_log.service import AuditLog
from bot.audit_log.telling import Telling
from bot.config.environment import Settings
from bot.config.file import (
    Config,
    ConfigError,
)
from bot.config.origins import ServiceOrigins
from bot.emergency.client import EmergencyClient
from bot.graph.directory import GraphDirectory
from bot.graph.filing import GraphFiler
from bot.graph.http import GraphClient
from bot.graph.intune import GraphIntune
from bot.graph.mail import GraphMail
from bot.graph.orders import GraphOrders
from bot.graph.people import IdentityRule
from bot.graph.policies import GraphAccessPolicies
from bot.graph.presence import GraphPresence
from bot.jobs import Worker
from bot.journeys.doors import Journeys
from bot.oncall.rota import on_call
from bot.outside import WebHeartbeat, Webhook
from bot.policy.book import resolve, resolve_identities, resolve_owners
from bot.signin.break_glass_page import EmergencyPage
from bot.signin.page import SignInPage
from bot.store import LEASE, Store, open_store
from bot.store.vault import FernetVault
from bot.store.witness_file import WitnessFile
from bot.teams.inbound.endpoint import Endpoint
from bot.wiring.neighbours import REAL_TIME, Neighbours, Timing, neighbours
from bot.wiring.requirements import missing_to_file, missing_to_tell, witnesses_of
from bot.wiring.teams import chat_of, endpoint_of, pages_of, person_tokens_of, sign_in_of
from handlers.intune.minder import Minder
from handlers.poll import Poller
from handlers.ports.clock import Clock
from handlers.ports.orders import FilingRoom


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
    pages: tuple[SignInPage, EmergencyPage] | tuple[()]
    minder: Minder
    audit_log: AuditLog | None
    witness: WitnessFile


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


def _bot(
    near: Neighbours,
    config: Config,
    book: PolicyBook,
    owners: dict[str, tuple[str, ...]],
    identities: IdentityRule,
    store: Store,
    copy: BlobCopy | None,
) -> Bot:
    settings, ours = near.settings, config.countersign
    origins = ServiceOrigins(settings.addresses.service_origins)
    people = person_tokens_of(near)
    adapters = Adapters(
        clock=store.clock,
        requests=store.requests,
        continuity=store.continuity,
        losses=store.losses,
        copies=store.copies,
        outbox=store.outbox,
        poll_state=store.poll,
        intune=GraphIntune(near.graph),
        access_policies=GraphAccessPolicies(near.graph),
        directory=GraphDirectory(
            near.graph, identities, direct_membership=ours.membership == "direct", clock=store.clock
        ),
        chat=chat_of(near, store, origins),
        conversations=store.conversations,
        sign_in=sign_in_of(near, store, people, settings.sign_in.credential()) if settings.sign_in else None,
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
        endpoint=endpoint_of(near, origins, journeys),
        pages=pages_of(near, store, people, journeys, ours.emergency.authentication_context) or (),
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


def _telling(adapters: Adapters) -> Telling:
    return Telling(
        adapters.chat, adapters.operations_channel, adapters.mail, adapters.directory, adapters.book.auditors
    )
