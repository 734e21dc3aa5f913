"""The program `python -m bot emergency`: with its own TLS, stopped by a signal, and off unless it is set up."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientError

from simulator.graph.faults import Fault, Kind
from tests.bot.emergency.conftest import Site
from tests.bot.emergency.test_answers import NOT_REPEATED
from tests.bot.processes import Program, run, tls_file
from tests.servers import free_port


@asynccontextmanager
async def program(site: Site, directory: Path, *, afresh: bool = False) -> AsyncIterator[Program]:
    """Run the program until the block ends, and then stop it with SIGTERM."""
    port = free_port()
    site.url = f"https://localhost:{port}"
    own = {"COUNTERSIGN_EMERGENCY_PORT": str(port), "COUNTERSIGN_EMERGENCY_TLS_FILE": str(tls_file(directory))}
    process = await run("emergency", site.environment | own, directory, afresh=afresh)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            while b"emergency_process_serves" not in await process.stdout.readline():
                assert process.returncode is None
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def test_the_program(idle: Site, tmp_path: Path) -> None:
    """The program serves, allows no second process on its ledger, and after a restart answers the same request as
    before."""
    async with program(idle, tmp_path, afresh=True) as process:
        first = await idle.ask()
        assert first == (200, "Intune has been told to wipe PC-1.")
        second = await run("emergency", idle.environment, tmp_path)
        _, said = await second.communicate()
        assert (second.returncode, b"another emergency process holds this ledger" in said) == (1, True)
    assert process.returncode == 0
    async with program(idle, tmp_path):
        assert await idle.ask() == first
    assert idle.done() == ["wipe"]


async def test_a_killed_process(idle: Site, tmp_path: Path) -> None:
    """After a kill during the call to Intune, the ledger has more lines than the bot was told of: that is no alarm, and
    the call is not repeated."""
    held = Fault(Kind.SLOW, path="/wipe$")
    idle.tenant.graph.faults.append(held)
    async with program(idle, tmp_path) as process:
        named = json.loads(idle.ledger.read_bytes())
        asked = asyncio.create_task(idle.ask(remembered=named))
        async with asyncio.timeout(5):
            while not idle.done():  # noqa: ASYNC110  the device has no event to wait for
                await asyncio.sleep(0.01)
        process.kill()
        with pytest.raises(ClientError):
            await asked
    held.event.set()
    assert [line.outcome for line in idle.lines()] == [None]
    async with program(idle, tmp_path):
        assert await idle.ask(remembered=named) == NOT_REPEATED
        assert (await idle.ask("PC-2", request_id="R2", remembered=named))[0] == 200
    assert (idle.done(), idle.done("PC-2")) == (["wipe"], ["wipe"])


async def test_off_by_default(tmp_path: Path) -> None:
    """Without its settings the process does not start, and says which setting is missing."""
    process = await run("emergency", {}, tmp_path)
    _, said = await process.communicate()
    assert (process.returncode, b"COUNTERSIGN_EMERGENCY_ACTOR_APP_ID: this is missing" in said) == (1, True)
    assert b"docs/emergencies.md" in said
    assert b"python -m bot check" not in said


@pytest.mark.parametrize("where", ["environment", "another casing", "file"])
async def test_the_bot_beside_its_credential(idle: Site, tmp_path: Path, where: str) -> None:
    """The bot does not start if it holds the credential of the emergency process, and says where to read about that
    process."""
    held = idle.environment if where == "environment" else {}
    if where == "another casing":
        held = {"countersign_emergency_actor_secret": "x"}
    if where == "file":
        (tmp_path / ".env").write_text("COUNTERSIGN_EMERGENCY_ACTOR_SECRET=x\n")
    process = await run("serve", held, tmp_path)
    _, said = await process.communicate()
    assert (process.returncode, b"must not hold the emergency process's credential" in said) == (1, True)
    assert b"docs/emergencies.md" in said


async def test_on_a_corrupt_ledger(idle: Site, tmp_path: Path) -> None:
    """The process does not start on a damaged ledger, and names the damaged line."""
    idle.ledger.write_text("nonsense\n")
    process = await run("emergency", idle.environment, tmp_path)
    _, said = await process.communicate()
    assert (process.returncode, b"line 1: this is no line of the ledger" in said) == (1, True)
