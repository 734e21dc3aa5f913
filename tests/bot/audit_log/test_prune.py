"""Pruning: no command and no setting removes entries that are younger than the retention that was promised."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from approvals.audit import AuditEntry, Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.prune import newest, prunable, prune
from bot.audit_log.resume import Numbered
from bot.audit_log.retention import EVIDENCE
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from bot.config.durations import duration
from tests.bot.audit_log.commands import Command
from tests.bot.audit_log.logs import MORNING, SIGNER, entries, sealed

WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("now", "removed"),
    [
        (datetime(2026, 11, 25, tzinfo=UTC), ()),
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), ()),
        (datetime(2026, 12, 1, tzinfo=UTC), ("2026-11-23",)),
        (datetime(2026, 12, 3, tzinfo=UTC), ("2026-11-23", "2026-11-24", "2026-11-25")),
        (datetime(2030, 1, 1, tzinfo=UTC), ("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26")),
    ],
)
def test_only_whole_days_that_are_old_enough(tmp_path: Path, now: datetime, removed: tuple[str, ...]) -> None:
    """A day is removed when its last moment is older than the retention; the last day is never removed."""
    sealed(tmp_path, entries(300))
    log = LogDirectory(tmp_path)
    assert log.days()[-1] == "2026-11-27"

    plan = prunable(log, WEEK, now)
    assert (plan.days if plan else ()) == removed
    if plan:
        prune(log, plan, now)
        [record] = log.prunings.read_text().splitlines()
        assert json.loads(record)["days"] == f"{removed[0]} to {removed[-1]}"
    assert not set(removed) & set(log.days())
    assert verify(log, [SIGNER.verifier()], kept_since=now - WEEK).result is Result.GOOD


def test_a_day_that_holds_something_younger(tmp_path: Path) -> None:
    """A file with an entry that is dated ahead stays until that entry is old enough, too."""
    first, second, third = entries(3, MORNING, timedelta(hours=30))
    ahead = (2, replace(second[1], at=MORNING + timedelta(days=40)))
    log = LogDirectory(tmp_path)
    sealed(tmp_path, [first, ahead, third], now=third[1].at)
    assert len(log.days()) == 2
    assert prunable(log, WEEK, MORNING + timedelta(days=46)) is None
    assert prunable(log, WEEK, MORNING + timedelta(days=48)) is not None


def test_the_present_is_what_the_log_proves(tmp_path: Path) -> None:
    """Pruning takes the newest entry of the log as the present if the host's clock is later."""
    sealed(tmp_path, entries(300))
    last = entries(300)[-1][1].at
    assert newest(LogDirectory(tmp_path), datetime(2099, 1, 1, tzinfo=UTC)) == last
    assert newest(LogDirectory(tmp_path), MORNING) == MORNING


def loaded(some: list[Numbered], **at: str) -> list[Numbered]:
    """Return these entries, with a configuration loaded at each number that is named after an underscore."""
    wanted = {int(name[1:]): retention for name, retention in at.items()}
    return [
        (number, AuditEntry(Kind.CONFIG_LOADED, entry.at, evidence={EVIDENCE: wanted[number]}))
        if number in wanted
        else (number, entry)
        for number, entry in some
    ]


@pytest.mark.parametrize("written", ["P84M", "P7Y", "PT1S", "P0D", "-P1D", "P-1D", "P1.5D", "P3000000D", "7 years", ""])
def test_what_is_no_number_of_days(written: str) -> None:
    """A period that is no whole number of days is refused, and so is a period of nothing: a month has no fixed
    length."""
    with pytest.raises(ValueError, match="ISO 8601 duration in days or weeks such as P2555D"):
        duration(written)


# --- the command --------------------------------------------------------------------------------------------------

Change = Callable[[Path], None]


@pytest.fixture
def old_log(tmp_path: Path) -> Path:
    """A log of five days, whose loaded configuration keeps two days."""
    (tmp_path / "key.pub").write_text(SIGNER.verifier().text())
    sealed(tmp_path / "log", loaded(entries(300), _1="P2D"))
    return tmp_path / "log"


def config(path: Path, retention: str) -> Path:
    """Write a copy of the shipped configuration with this retention, and return its path."""
    document = json.loads(Path("config/approvals.json").read_text(encoding="utf-8"))
    document["emergencyAccess"]["auditLogRetention"] = retention
    written = path / f"{retention}.json"
    written.write_text(json.dumps(document))
    return written


def _prune(command: Command, log: Path, retention: str, *more: str) -> int:
    given = ("--config", str(config(log.parent, retention)), "--log", str(log), "--key", str(log.parent / "key.pub"))
    return command("prune", *given, "--yes", *more)


def test_exactly_what_was_shown_is_removed(old_log: Path, command: Command) -> None:
    """`prune` removes exactly the days that it shows, by the log's own retention and present, and adds a record of
    it."""
    assert _prune(command, old_log, "P2D") == 0
    assert "Older than P2D: 2 days, 2026-11-23 to 2026-11-24, entries 1 to 119." in command.said()
    assert "The removal is not recorded in the log itself" in command.said()
    assert LogDirectory(old_log).days()[0] == "2026-11-25"
    assert '"entries": "1 to 119"' in LogDirectory(old_log).prunings.read_text()


@pytest.mark.parametrize("retention", ["P1D", "P2D"])
def test_a_shorter_configuration_makes_nothing_older(old_log: Path, command: Command, retention: str) -> None:
    """A copy of the configuration with a shorter retention removes nothing more: the promised retention counts."""
    assert _prune(command, old_log, retention) == 0
    assert LogDirectory(old_log).days()[0] == "2026-11-25"


def test_a_clock_that_is_far_ahead_makes_nothing_older(tmp_path: Path, command: Command) -> None:
    """A host's clock that is far ahead makes no day older: the newest entry of the log counts."""
    (tmp_path / "key.pub").write_text(SIGNER.verifier().text())
    sealed(tmp_path / "log", loaded(entries(300, MORNING - timedelta(days=400)), _1="P2D"))
    before = LogDirectory(tmp_path / "log").days()
    assert _prune(command, tmp_path / "log", "P2D") == 0
    assert LogDirectory(tmp_path / "log").days() == before[2:]


def test_a_longer_configuration_removes_nothing(old_log: Path, command: Command) -> None:
    """`prune` removes nothing if the configuration says a longer retention that nobody has confirmed; that may be a
    typing error."""
    assert _prune(command, old_log, "P2555D") == 3
    assert "python -m bot audit retention confirm P2555D" in command.said()
    assert LogDirectory(old_log).days()[0] == "2026-11-23"


def test_a_slip_that_was_loaded_holds_nothing(tmp_path: Path, command: Command) -> None:
    """A mistyped retention that was loaded once no longer counts after it is corrected."""
    (tmp_path / "key.pub").write_text(SIGNER.verifier().text())
    sealed(tmp_path / "log", loaded(entries(300), _1="P2D", _9="P25550D", _20="P2D"))
    assert _prune(command, tmp_path / "log", "P2D") == 0
    assert LogDirectory(tmp_path / "log").days()[0] == "2026-11-25"


def test_a_log_that_names_no_retention(tmp_path: Path, command: Command) -> None:
    """Nothing is removed from a log in which no retention was ever loaded."""
    (tmp_path / "key.pub").write_text(SIGNER.verifier().text())
    sealed(tmp_path / "log", entries(300))
    assert _prune(command, tmp_path / "log", "P1D") == 3
    assert "the log does not promise a retention yet" in command.said()


def test_a_log_that_does_not_verify(old_log: Path, command: Command) -> None:
    """Nothing is removed from a log that does not verify, because the log may be evidence."""
    file = old_log / "2026-11-25.jsonl"
    file.write_bytes(file.read_bytes().replace(b"Alex", b"Alec", 1))
    assert _prune(command, old_log, "P2D") == 3
    assert "because it does not verify" in command.said()
    assert LogDirectory(old_log).days()[0] == "2026-11-23"


def test_without_a_configuration(old_log: Path, command: Command) -> None:
    """`prune` says so if it cannot read the configuration."""
    given = ("--config", "none.json", "--log", str(old_log), "--key", str(old_log.parent / "key.pub"))
    assert command("prune", *given) == 3
    assert "Not done: none.json: cannot be read" in command.said()
