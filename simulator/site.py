"""Serves an application over HTTPS on loopback."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

# Long enough for a handler to notice that nobody waits for its answer, short enough not to delay the test.
SHUTDOWN_SECONDS = 0.2


@asynccontextmanager
async def serve(app: web.Application, context: ssl.SSLContext | None, port: int = 0) -> AsyncIterator[str]:
    """Run `app` on 127.0.0.1 until the block ends; yields its origin. Port 0 means any free port.

    Without a context it uses plain HTTP, for a page that a person opens in a browser.
    """
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=context)
    try:
        await site.start()
        yield f"{'https' if context else 'http'}://localhost:{runner.addresses[0][1]}"
    finally:
        await site.stop()
        _cut_off(runner.server)
        await runner.cleanup()


def _cut_off(server: web.Server | None) -> None:
    """Abort every connection. To close it is not enough: over TLS, asyncio then waits up to 30 seconds for the other
    side to close as well (`ssl_shutdown_timeout` of `create_server`), longer than the loop may live."""
    for connection in server.connections if server else ():
        # One that was closed twice has lost what could abort it, and says so before Python 3.11.3.
        with suppress(AttributeError):
            if connection.transport is not None:
                connection.transport.abort()
