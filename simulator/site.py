"""Serves an application over HTTPS on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

# Long enough to finish sending an answer, short enough that a held one does not delay the test.
SHUTDOWN_SECONDS = 0.2


@asynccontextmanager
async def serve(app: web.Application, context: ssl.SSLContext | None, port: int = 0) -> AsyncIterator[str]:
    """Run `app` on 127.0.0.1 until the block ends; yields its origin. Port 0 means any free port.

    Without a context it uses plain HTTP, for a page that a person opens in a browser.
    """
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
        yield f"{'https' if context else 'http'}://localhost:{runner.addresses[0][1]}"
    finally:
        still_open = [one.transport for one in runner.server.connections] if runner.server else []
        await runner.cleanup()
        # Over TLS, `close` waits up to 30 seconds for the other side to close as well (`ssl_shutdown_timeout` of
        # asyncio's `create_server`), longer than the loop may live.
        for transport in still_open:
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)
