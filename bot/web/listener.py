"""Every HTTP server of the product listens through this module, with limits that aiohttp lacks.

aiohttp decompresses every body, waits without limit for the end of a header, and accepts any number of connections.
Here a compressed body is refused unread, and each wait has a timeout. When there are too many connections, the one that
has kept the server waiting longest is closed. So new connections are accepted however many are held open, and
`/healthz` is answered. There is no limit per address: behind a reverse proxy all requests come from one.
"""

import asyncio
import math
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

STOP_SECONDS = 8.0
"""For each of three steps when the bot stops: running answers, flows that outlived theirs, and started effects. Their
sum stays below the 30 seconds that container platforms usually wait."""

NAME = "Countersign"
"""The `Server` header; aiohttp's own would contain the versions of Python and of itself."""

QUEUED = 1024
"""Connections that the system queues for us while others are accepted. Beyond that, clients try again a second later,
which is a long time for a probe."""

ACCEPTED_AT_ONCE = 50
"""Connections that are accepted before data of others is read. It has to be far below the maximum number of
connections, or a burst of new ones would close those that have already sent everything."""

LINGERING = 1.0
"""Seconds for which an unwanted body is still read, so that its sender gets the answer."""

COMPRESSED = "Compressed bodies are not taken here. Please send it uncompressed."
UNREADABLE = "This is no request that can be read here."

TELL_EVERY = 10.0
"""Seconds between two log lines about too many connections."""

_READ = ("Authorization", "Content-Type", "Cookie")
"""Headers whose text is used; others may contain anything that proxies put into them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Timeouts in seconds, and the maximum number of connections.

    `idle` is longer than the 240 seconds for which Azure's load balancers and ingresses keep an unused connection, so
    that they rarely send on one that we are about to close. `connections` leaves room below the 1024 open files of a
    usual process for Redis and Microsoft.
    """

    header: float = 10.0
    body: float = 20.0
    idle: float = 300.0
    connections: int = 500


@asynccontextmanager
async def listening_on(
    app: web.Application,
    host: str | None,
    port: int,
    tls: ssl.SSLContext | None = None,
    *,
    stop_seconds: float = STOP_SECONDS,
    limits: Limits | None = None,
) -> AsyncIterator[int]:
    """Serve `app` there until the block ends; yields the port. Then nothing is accepted and open requests are answered.

    There is no access log: the addresses of the sign-in page contain secrets.
    """
    limits, loop = limits or Limits(), asyncio.get_running_loop()
    app.middlewares.insert(0, _guarded)
    app.on_response_prepare.append(_name_us)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=stop_seconds)
    await runner.setup()
    try:
        manager, guests = runner.server, _Guests(limits)
        assert manager is not None  # noqa: S101  it is there after `setup`
        server = await loop.create_server(
            lambda: _Connection(manager, loop, guests),
            host,
            port,
            ssl=tls,
            ssl_handshake_timeout=limits.header if tls else None,
            backlog=ACCEPTED_AT_ONCE,  # asyncio accepts this many in one go, and passes the same number to the system
        )
        for listening in server.sockets:
            with listening.dup() as same:
                same.listen(QUEUED)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
    finally:
        await runner.cleanup()


@dataclass(slots=True)
class _Guests:
    """All open connections, and those whose client has to send something, the longest wait first."""

    limits: Limits
    present: set["_Connection"] = field(default_factory=set)
    awaited: dict["_Connection", asyncio.TimerHandle] = field(default_factory=dict)
    closed: int = 0
    told_at: float = -math.inf

    def come(self, connection: "_Connection") -> None:
        """Add a connection. If there are too many, drop the one that we have waited for longest, or this one."""
        self.present.add(connection)
        if len(self.present) > self.limits.connections:
            next(iter(self.awaited), connection).drop()
            self._tell()

    def _tell(self) -> None:
        """Log how many were closed since the last log line; a line for each one would flood the log."""
        self.closed += 1
        now = asyncio.get_running_loop().time()
        if now >= self.told_at + TELL_EVERY:
            log.warning("connections_closed", why="there were too many", count=self.closed)
            self.closed, self.told_at = 0, now

    def leave(self, connection: "_Connection") -> None:
        """Remove a connection."""
        self.attend(connection)
        self.present.discard(connection)

    def wait_for(self, connection: "_Connection", seconds: float) -> None:
        """Give a connection this long for what comes next."""
        self.attend(connection)
        self.awaited[connection] = asyncio.get_running_loop().call_later(seconds, connection.drop)

    def attend(self, connection: "_Connection") -> None:
        """Stop waiting for this connection: it is our turn."""
        if timer := self.awaited.pop(connection, None):
            timer.cancel()


class _Connection(web.RequestHandler):
    """One connection. It has a timeout until a header and its body are complete, and between two requests."""

    __slots__ = ("_guests", "_is_idle", "_owes_body")

    def __init__(self, manager: web.Server, loop: asyncio.AbstractEventLoop, guests: _Guests) -> None:
        super().__init__(manager, loop=loop, auto_decompress=False, lingering_time=LINGERING)
        self._guests = guests
        self._is_idle = False
        self._owes_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register a new connection; its first header has a timeout."""
        super().connection_made(transport)
        self._guests.wait_for(self, self._guests.limits.header)
        self._guests.come(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Unregister the connection."""
        self._guests.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Start the timeout for the header of another request."""
        if self._is_idle and not self._owes_body and data:
            self._is_idle = False
            self._guests.wait_for(self, self._guests.limits.header)
        super().data_received(data)

    def begin(self, request: web.BaseRequest) -> None:
        """Note that the header is complete. An incomplete body has a timeout, too."""
        self._is_idle = False
        self._owes_body = not request.content.is_eof()
        if self._owes_body:
            self._guests.wait_for(self, self._guests.limits.body)
            request.content.on_eof(self._body_is_complete)
        else:
            self._guests.attend(self)

    def end(self) -> None:
        """Note that the answer is ready. The client may send another request."""
        if self.transport is not None:
            self._is_idle = True
            self._guests.wait_for(self, self._guests.limits.idle)

    def _body_is_complete(self) -> None:
        self._owes_body = False
        if not self._is_idle:  # else it came after the answer
            self._guests.attend(self)

    def drop(self) -> None:
        """Close it at once, even while data is being sent."""
        self._guests.leave(self)
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer an unreadable request in our own words, and without a traceback: anybody can send one."""
        if status >= 500:
            response = super().handle_error(request, status, exc, message)
        else:
            log.warning("request_unreadable", why=type(exc).__name__, remote=request.remote)
            response = web.Response(status=status, text=UNREADABLE)
            response.force_close()
        response.headers["Server"] = NAME
        return response


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the connection about the request's progress, and keep invalid requests from the handlers."""
    connection: Any = request.protocol
    connection.begin(request)
    try:
        return _refusal(request) or await handler(request)
    except Exception as error:
        if request.content.exception() is not error:
            raise
        log.warning("body_broken_off", why=type(error).__name__, remote=request.remote)
        return web.Response(status=400, text=UNREADABLE)
    finally:
        connection.end()


def _refusal(request: web.Request) -> web.Response | None:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return web.Response(status=415, text=COMPRESSED)
    if not all(map(_is_text, _read(request))):
        return web.Response(status=400, text=UNREADABLE)
    return None


def _read(request: web.Request) -> Iterator[str]:
    yield request.raw_path
    for name in _READ:
        yield from request.headers.getall(name, ())


def _is_text(said: str) -> bool:
    """Return whether it came as UTF-8. aiohttp turns other bytes into lone surrogates, which cannot be encoded."""
    try:
        said.encode()
    except UnicodeEncodeError:
        return False
    return True


async def _name_us(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = NAME
