"""What may be removed, what is left can be verified, and what an export holds."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.audit_log.directory import LogDirectory
from bot.audit_log.prune import prunable, prune
from bot.audit_log.reading import Wanted, entries, write_csv
from bot.audit_log.verdict import Result
from bot.audit_log.verify import verify
from tests.bot.audit_log.logs import MORNING, SIGNER, sealed
from tests.bot.audit_log.logs import entries as some

WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("now", "removed"),
    [
        (datetime(2026, 11, 25, tzinfo=UTC), []),
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), []),
        (datetime(2026, 12, 1, tzinfo=UTC), ["2026-11-23"]),
        (datetime(2026, 12, 3, tzinfo=UTC), ["2026-11-23", "2026-11-24", "2026-11-25"]),
        (datetime(2030, 1, 1, tzinfo=UTC), ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]),
    ],
)
def test_only_whole_days_that_are_old_enough(tmp_path: Path, now: datetime, removed: list[str]) -> None:
    """A day goes when its last moment is older than the retention; the last day never does."""
    sealed(tmp_path, some(300))
    log = LogDirectory(tmp_path)
    assert log.days()[-1] == "2026-11-27"

    assert prune(log, WEEK, now) == removed
    assert not set(removed) & set(log.days())
    assert verify(log, [SIGNER.verifier()], kept_since=now - WEEK).result is Result.GOOD


def test_a_day_that_holds_something_younger(tmp_path: Path) -> None:
    """A clock that went back put a younger entry into an older file: the file stays."""
    young = [(number, entry) for number, entry in some(3, MORNING, timedelta(days=40))]
    log = LogDirectory(tmp_path)
    sealed(tmp_path, [*some(0), *young])
    assert prunable(log, timedelta(days=2555), MORNING + timedelta(days=2600)) == log.days()[:1]


def test_what_an_export_holds(tmp_path: Path) -> None:
    """By time, request and person; and no cell that a spreadsheet would run."""
    sealed(tmp_path, some(300))
    log = LogDirectory(tmp_path)
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    found = list(entries(log, Wanted(since=noon, until=noon + timedelta(hours=1))))
    assert [fields["at"] for fields in found] == [f"2026-11-24T12:{minute:02}:00+00:00" for minute in (0, 20, 40)]
    assert {fields["request"] for fields in entries(log, Wanted(request="R3"))} == {"R3"}
    assert list(entries(log, Wanted(person="nobody"))) == []
    table = io.StringIO()
    assert write_csv([{**found[0], "why": "=1+1"}], table) == 1
    assert "'=1+1" in table.getvalue()
