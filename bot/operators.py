"""What operators do to a running bot from a shell: pause it, see its brakes, release one. All replicas obey at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from approvals.brake import Brake
from bot.settings import Settings
from bot.store import Store, visit_store
from bot.store.embedded import SOCKET
from handlers import braking


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
