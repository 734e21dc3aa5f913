"""The door to the network: every HTTP server of the product listens through here, with limits that aiohttp lacks.

aiohttp decompresses bodies before anybody has asked for them, waits for ever for the end of a header, and takes any
number of connections. Here a compressed body is refused unread, who is waited for has so many seconds, and of too many
connections the one that has been waited for longest is closed. So a newcomer gets in however many are held open, and
`/healthz` is answered. There is no limit per address: behind a reverse proxy everybody comes from one.
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
"""For each of three when the bot stops: answers on their way, flows that outlived theirs, and effects that were begun.
Together they stay below the 30 seconds that container platforms usually wait."""

NAME = "Countersign"
"""What the `Server` header says; aiohttp's own would name the versions of Python and of itself."""

BACKLOG = 1024
"""Connections that the system holds for us while others are accepted; beyond that their senders try again a second
later, which is a long time for a probe."""

BACKLOG = 50
"""Connections that are accepted before what others have sent is read. It has to be far below the most that there may
be, or a burst of newcomers would have those closed who have said everything already."""

LINGERING = 1.0
"""Seconds in which a body that nobody wants is read on, so that its sender still gets to see the answer."""

COMPRESSED = "Compressed bodies are not taken here. Please send it uncompressed."
UNREADABLE = "This is no request that can be read here."

TELL_EVERY = 10.0
"""Seconds between two lines in the log about connections that were too many."""

_READ = ("Authorization", "Content-Type", "Cookie")
"""The headers whose text is used; others may hold whatever proxies put into them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that somebody is waited for, and how many connections there are at most.

    `idle` is longer than the 240 seconds for which Azure's load balancers and ingresses keep a connection that nobody
    uses, so that they rarely send something on one that we are about to close. `connections` leaves room below the
    1024 open files of a usual process for Redis and Microsoft.
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
    """Serve `app` there until the block ends; yields the port. Then nothing comes in, and what was begun is answered.

    There is no access log: the sign-in page's addresses carry what opens a door.
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
            backlog=BACKLOG,  # asyncio accepts so many in one go, and tells the system the same number
        )
        for listening in server.sockets:
            with listening.dup() as same:
                same.listen(BACKLOG)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
    finally:
        await runner.cleanup()


@dataclass(slots=True)
class _Guests:
    """All open connections, and those that are waited for, the longest first."""

    limits: Limits
    present: set["_Connection"] = field(default_factory=set)
    awaited: dict["_Connection", asyncio.TimerHandle] = field(default_factory=dict)
    closed: int = 0
    told_at: float = -math.inf

    def come(self, connection: "_Connection") -> None:
        """Let one more in; if that is one too many, somebody has to leave, if need be this one."""
        self.present.add(connection)
        if len(self.present) > self.limits.connections:
            next(iter(self.awaited), connection).drop()
            self._tell()

    def _tell(self) -> None:
        """Say how many were closed since it was said last; a line for each would be a flood of its own."""
        self.closed += 1
        now = asyncio.get_running_loop().time()
        if now >= self.told_at + TELL_EVERY:
            log.warning("connections_closed", why="there were too many", count=self.closed)
            self.closed, self.told_at = 0, now

    def leave(self, connection: "_Connection") -> None:
        """Forget one."""
        self.attend(connection)
        self.present.discard(connection)

    def wait_for(self, connection: "_Connection", seconds: float) -> None:
        """Give them so long for what comes next."""
        self.attend(connection)
        self.awaited[connection] = asyncio.get_running_loop().call_later(seconds, connection.drop)

    def attend(self, connection: "_Connection") -> None:
        """It is our turn: they are not waited for."""
        if timer := self.awaited.pop(connection, None):
            timer.cancel()


class _Connection(web.RequestHandler):
    """One connection. It is waited for until a header is complete, while a body is, and between two requests."""

    __slots__ = ("_guests", "_is_idle", "_owes_body")

    def __init__(self, manager: web.Server, loop: asyncio.AbstractEventLoop, guests: _Guests) -> None:
        super().__init__(manager, loop=loop, auto_decompress=False, lingering_time=LINGERING)
        self._guests = guests
        self._is_idle = False
        self._owes_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came; what they want has to be said soon."""
        super().connection_made(transport)
        self._guests.wait_for(self, self._guests.limits.header)
        self._guests.come(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """They are gone."""
        self._guests.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Whoever begins another request has to end its header as soon as that of the first."""
        if self._is_idle and not self._owes_body and data:
            self._is_idle = False
            self._guests.wait_for(self, self._guests.limits.header)
        super().data_received(data)

    def begin(self, request: web.BaseRequest) -> None:
        """The header is complete. If its body is not, that has to follow."""
        self._is_idle = False
        self._owes_body = not request.content.is_eof()
        if self._owes_body:
            self._guests.wait_for(self, self._guests.limits.body)
            request.content.on_eof(self._body_is_complete)
        else:
            self._guests.attend(self)

    def end(self) -> None:
        """The answer is ready; they take it, and may ask for more."""
        if self.transport is not None:
            self._is_idle = True
            self._guests.wait_for(self, self._guests.limits.idle)

    def _body_is_complete(self) -> None:
        self._owes_body = False
        if not self._is_idle:  # else it came after the answer
            self._guests.attend(self)

    def drop(self) -> None:
        """Close it at once, whatever is still on its way."""
        self._guests.leave(self)
        if self.transport is not None:
            self.transport.abort()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what could not be read in our own words, and without a traceback: anybody can send that."""
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
    """Tell the connection how far it is, and keep from the handlers what they should never see."""
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
    """Whether it came as UTF-8; aiohttp turns what did not into halves of characters, which nothing can encode."""
    try:
        said.encode()
    except UnicodeEncodeError:
        return False
    return True


async def _name_us(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = NAME
