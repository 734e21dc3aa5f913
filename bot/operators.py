"""What operators do to a running bot from a shell: pause it, release a brake, open a review. All replicas obey."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from approvals import review as rules
from approvals.brake import Brake
from approvals.emergency import Emergency
from approvals.people import Person
from bot.audit_log.reconcile import unseen
from bot.config import load
from bot.settings import Settings
from bot.store import Store, visit_store
from bot.store.embedded import SOCKET
from bot.wiring import REAL_TIME, neighbours
from handlers import braking
from handlers.ports import Stored, Write


async def pause(settings: Settings, why: str) -> str:
    """Stop every call that changes something in Intune; what holds from now on. Raises `PortError` without a store."""
    async with _store(settings) as store:
        return await braking.pull(store.brakes, await store.clock.now(), None, why)


async def brakes(settings: Settings) -> tuple[Brake, ...]:
    """Every brake that is on."""
    async with _store(settings) as store:
        return await store.brakes.on()


async def release(settings: Settings, name: str) -> bool:
    """Take the brake of this name off; false if it is not on."""
    async with _store(settings) as store:
        now = await store.clock.now()
        found = next((brake for brake in await store.brakes.on() if brake.name == name), None)
        return found is not None and await braking.release(store.brakes, store.requests, store.outbox, found, now)


async def open_review(settings: Settings, request_id: str, why: str, people: Sequence[str]) -> bool:
    """Open a review of what happened while the bot or Teams was down; false if no request is called so.

    `request_id` is ours or Intune's; `people` are the object ids of who had a part in it: they cannot close it.
    """
    config = load(settings.config)
    emergency = Emergency(open=True, accounts=(), review_due=config.countersign.emergency.review_within)
    behind = tuple(Person(account, account, frozenset({account})) for account in people)
    async with _store(settings) as store:
        await store.requests.adopt_active()
        request = await store.requests.load(request_id) or await store.requests.load_by_intune_id(request_id)
        if request is None:
            return False
        now = await store.clock.now()
        outcome = rules.open_by_operator(request, emergency, why, behind, now)
        write = Write(outcome.request, changed=True, entries=outcome.entries, planned=outcome.planned, at=now)
        return (await store.requests.commit(write)).stored is Stored.SAVED


async def reconcile(settings: Settings, since: datetime) -> list[str]:
    """Approvals in Intune's own audit that the bot never saw, one sentence each."""
    async with neighbours(settings, REAL_TIME) as near, _store(settings) as store:
        return [sentence async for sentence in unseen(near.graph, store.requests, since)]


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Store]:
    """The store of the running bot; its own server answers at its socket."""
    if settings.redis_url:
        url = settings.redis_url.get_secret_value()
    else:
        url = f"unix://{settings.state_dir.absolute() / SOCKET}"
    store = visit_store(url, settings.tenant_id)
    try:
        yield store
    finally:
        await store.close()
