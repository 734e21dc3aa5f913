"""The retention of the log: it is never shortened, and a longer one holds only after it is confirmed."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from approvals.audit import AuditEntry, Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.keys import make_key, read_key
from bot.audit_log.opening import directory_of
from bot.audit_log.retention import (
    EVIDENCE,
    TEN_YEARS,
    needs_confirmation,
    promised,
    tell,
)
from bot.cli import operators
from bot.config.durations import duration
from bot.config.environment import Settings
from bot.store import open_store
from tests.bot.audit_log.commands import Command
from tests.bot.audit_log.logs import entries, sealed
from tests.bot.audit_log.rooms import Room
from tests.bot.config import documents
from tests.bot.config.test_environment import ENOUGH, TENANT
from tests.bot.processes import run
from tests.fakes.clock import Clock
from tests.office import settings_of
from tests.servers import redis_server

LOADED, CONFIRMED = Kind.CONFIG_LOADED, Kind.RETENTION_CONFIRMED
SEVEN_YEARS, TYPO = "P2555D", "P25550D"


def log_of(path: Path, *said: tuple[Kind, str]) -> LogDirectory:
    """Write a log whose entries state these retentions, one after the other."""
    told = [(number, entry) for number, entry in entries(len(said) + 1)]
    for place, (kind, retention) in enumerate(said):
        number, entry = told[place]
        told[place] = number, AuditEntry(kind, entry.at, evidence={EVIDENCE: retention})
    sealed(path, told)
    return LogDirectory(path)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ([], None),
        ([(LOADED, SEVEN_YEARS)], 2555),
        ([(LOADED, SEVEN_YEARS), (LOADED, "P3650D")], 2555),
        ([(LOADED, SEVEN_YEARS), (LOADED, TYPO), (LOADED, SEVEN_YEARS)], 2555),
        ([(LOADED, SEVEN_YEARS), (LOADED, "P3650D"), (CONFIRMED, "P3650D")], 3650),
        ([(LOADED, SEVEN_YEARS), (CONFIRMED, "P3650D"), (LOADED, SEVEN_YEARS)], 3650),
        ([(LOADED, SEVEN_YEARS), (LOADED, "P365D")], 2555),
        ([(LOADED, TYPO)], None),
        ([(LOADED, TYPO), (LOADED, SEVEN_YEARS)], 2555),
        ([(LOADED, TYPO), (CONFIRMED, TYPO)], 25_550),
        ([(CONFIRMED, "P3W"), (LOADED, "P1D")], 21),
    ],
)
def test_what_a_log_promises(tmp_path: Path, said: list[tuple[Kind, str]], days: int | None) -> None:
    """The first loaded retention holds if it is no longer than ten years. A longer one has to be confirmed, and a
    shorter one changes nothing."""
    found = promised(log_of(tmp_path, *said))
    assert found == (timedelta(days=days) if days else None)


def test_what_was_promised_to_what_is_gone(tmp_path: Path) -> None:
    """A retention that was promised in days that are pruned by now still holds, because the pruning record states
    it."""
    log = log_of(tmp_path, (LOADED, SEVEN_YEARS))
    log.append_pruning(json.dumps({"retention": "P3650D", "days": "2016-11-24 to 2016-11-24"}))
    assert promised(log) == timedelta(days=3650)
    log.append_pruning("[]")
    with pytest.raises(ValueError, match="cannot be read"):
        promised(log)


def test_what_has_to_be_confirmed() -> None:
    """A retention has to be confirmed if it is longer than the promised one or, at first, longer than ten years."""
    assert not needs_confirmation(TEN_YEARS, None)
    assert needs_confirmation(TEN_YEARS + timedelta(days=1), None)
    assert not needs_confirmation(duration("P7D"), duration("P7D"))
    assert needs_confirmation(duration("P8D"), duration("P7D"))


def test_the_program_says_what_does_not_hold(tmp_path: Path) -> None:
    """The program logs that a retention is not confirmed, with the command that confirms it."""
    log = log_of(tmp_path, (LOADED, SEVEN_YEARS))
    with capture_logs() as logs:
        tell(log, duration(SEVEN_YEARS))
        tell(log, duration("P365D"))
        tell(LogDirectory(tmp_path / "none"), duration(SEVEN_YEARS))
        assert logs == []
        tell(log, duration(TYPO))
    [told] = logs
    assert told["event"] == "audit_retention_not_confirmed"
    assert f"python -m bot audit retention confirm {TYPO}" in told["why"]


# --- the command --------------------------------------------------------------------------------------------------


class Site(Room):
    """A room whose log the commands find by the settings."""

    settings: Settings
    environment: dict[str, str]

    async def loads(self, retention: str) -> timedelta | None:
        """Record that the bot started with this retention, seal, and return the retention that is then promised."""
        document = documents.written((("emergencyAccess", "auditLogRetention"), retention))
        self.settings.config.write_text(document)
        now = await self.store.clock.now()
        await self.store.requests.record([AuditEntry(Kind.CONFIG_LOADED, now, evidence={EVIDENCE: retention})])
        return await self.sealed()

    async def sealed(self) -> timedelta | None:
        await self.replica().seal()
        return promised(LogDirectory(directory_of(self.settings)))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Yield a room without audit entries."""
    make_key(tmp_path / "k.pem", "host")
    clock = Clock()
    async with redis_server() as url:
        own = {"AUDIT_KEY": str(tmp_path / "k.pem"), "AUDIT_DIR": str(tmp_path / "log"), "SESSION_KEY": "s" * 32}
        store = await open_store(url, TENANT, "c1", clock=clock)
        made = Site(store, clock, tmp_path / "log", signers=[read_key(tmp_path / "k.pem")])
        environment = ENOUGH | own | {"REDIS_URL": url, "CONFIG": str(tmp_path / "approvals.json")}
        made.environment = {f"COUNTERSIGN_{name}": value for name, value in environment.items()}
        made.settings = settings_of(made.environment)
        yield made
        await store.close()


async def test_a_longer_retention_is_confirmed(site: Site) -> None:
    """The command confirms a longer retention; afterwards it holds, even if the configuration says a shorter one
    again."""
    assert await site.loads(SEVEN_YEARS) == duration(SEVEN_YEARS)
    assert await site.loads("P3650D") == duration(SEVEN_YEARS)
    confirm = ("retention", "confirm", "P3650D", "--yes")
    process = await run("audit", site.environment, site.path.parent, *confirm)
    said, _ = await process.communicate()
    assert process.returncode == 0
    assert "kept for P3650D (promised so far: P2555D)" in " ".join(said.decode().split())
    assert await site.sealed() == duration("P3650D")
    assert await site.loads(SEVEN_YEARS) == duration("P3650D")


@pytest.mark.parametrize(
    ("configured", "period", "why"),
    [
        (TYPO, "P2555D", "auditLogRetention in the configuration is P25550D"),
        (SEVEN_YEARS, TYPO, "auditLogRetention in the configuration is P2555D"),
        (SEVEN_YEARS, SEVEN_YEARS, "already applies"),
        ("P365D", "P365D", "P2555D already applies"),
    ],
)
async def test_what_cannot_be_confirmed(site: Site, configured: str, period: str, why: str) -> None:
    """A retention that is not configured cannot be confirmed, nor one that is no longer than the promised one."""
    await site.loads(SEVEN_YEARS)
    await site.loads(configured)
    with pytest.raises(ValueError, match=why):
        await operators.refuse_retention(site.settings, duration(period))


def test_the_command_explains_itself(command: Command) -> None:
    """The command has a help text, and accepts only a period in days or weeks."""
    assert command("retention", "--help") == 0
    assert "never shortened" in command.said()
    assert command("retention", "confirm", "P7Y") == 3
    assert "ISO 8601 duration in days or weeks" in command.said()
