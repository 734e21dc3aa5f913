"""Real servers for tests."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.store.embedded import embedded_server


@asynccontextmanager
async def redis_server(*options: str) -> AsyncIterator[str]:
    """A fresh server of our own on a temporary directory; yields its address."""
    with tempfile.TemporaryDirectory(prefix="cs-") as directory:
        async with embedded_server(Path(directory), *options) as url:
            yield url
