"""Opens the running bot's store for a command in a shell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config.environment import Settings
from bot.store import Store, visit_store
from bot.store.embedded import SOCKET


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    """Open the running bot's store; an embedded server is reached at its socket. Raises `OtherSchema` for another
    version's store."""
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
