"""The store of the running bot, for whoever looks at it from a shell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config.environment import Settings
from bot.store import Store, visit_store
from bot.store.embedded import SOCKET


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    """The store of the running bot; its own server answers at its socket. `OtherSchema` for one of another version."""
    if settings.redis_url:
        url = settings.redis_url.get_secret_value()
    else:
        url = f"unix://{settings.state_dir.absolute() / SOCKET}"
    store = visit_store(url, settings.tenant_id)
    try:
        await store.active.visit()
        yield store
    finally:
        await store.close()
