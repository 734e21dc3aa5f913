"""The findings of `check` about the audit."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from approvals.audit import AuditEntry, Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.keys import make_key
from bot.audit_log.retention import EVIDENCE
from bot.check.audit import audit_troubles
from bot.check.finding import Mark
from bot.config.file import parse
from tests.bot.audit_log.logs import sealed
from tests.bot.config import documents
from tests.bot.config.documents import MISSING, written
from tests.bot.config.test_environment import ENOUGH
from tests.office import settings_of
from tests.servers import free_port

NOW = datetime(2026, 11, 23, tzinfo=UTC)
REDIS = {"REDIS_URL": "redis://localhost", "SESSION_KEY": "s" * 32}


async def said(*changes: tuple[documents.Path, Any], **environment: str) -> list[str]:
    """Return every finding, with ✘ before those that prevent sealing."""
    settings = settings_of({f"COUNTERSIGN_{name}": value for name, value in (ENOUGH | environment).items()})
    usual = (("countersign", "operationsChannel"), "19:ops@thread.tacv2")
    found = [one async for one in audit_troubles(settings, parse(written(usual, *changes)), NOW)]
    assert all(one.advice for one in found)
    return [f"✘ {one.what}" if one.mark is Mark.WRONG else one.what for one in found]


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, str]:
    """Return complete settings of a replica."""
    make_key(tmp_path / "k.pem", "host")
    directory = {"AUDIT_DIR": str(tmp_path / "audit"), "STATE_DIR": str(tmp_path)}
    return REDIS | directory | {"AUDIT_KEY": str(tmp_path / "k.pem")}


async def test_nothing_to_find(sound: dict[str, str]) -> None:
    """With complete settings there are no findings, even while the bot is writing."""
    assert await said(**sound) == []
    with LogDirectory(Path(sound["AUDIT_DIR"])).writing():
        assert await said(**sound) == []
    assert await said() == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("emergencyAccess", "auditLogRetention"), "P365D", "LESS THAN SEVEN YEARS"),
        (("emergencyAccess",), MISSING, "auditLogRetention is not set, so the audit cannot be pruned"),
        (("countersign", "operationsChannel"), None, "No checkpoint of the audit leaves this host"),
    ],
)
async def test_a_doubt(path: documents.Path, value: object, expected: str) -> None:
    """Each doubtful setting is reported."""
    assert expected in "\n".join(await said((path, value)))


async def test_replicas_without_what_they_have_to_share() -> None:
    """With a Redis, replicas need a common key and a common log."""
    found = await said(**REDIS)
    assert found[0] == "The audit is not sealed: with COUNTERSIGN_REDIS_URL it needs COUNTERSIGN_AUDIT_KEY"
    assert found[1].startswith("Each replica may write a separate audit to ")


async def test_keys_that_cannot_be_used(sound: dict[str, str], tmp_path: Path) -> None:
    """A missing or invalid key is reported before it prevents the start or the sealing."""
    make_key(tmp_path / "old.pem", "host")
    old = sound | {"AUDIT_OLD_KEY": str(tmp_path / "old.pem")}
    assert await said(**old) == ["Sealing will stop when COUNTERSIGN_AUDIT_OLD_KEY is removed"]
    assert await said(**old, AUDIT_PAST_KEYS=str(tmp_path / "old.pub")) == []
    [found] = await said(**sound, AUDIT_PAST_KEYS=str(tmp_path / "old.pem"))
    assert found.startswith("✘ COUNTERSIGN_AUDIT_PAST_KEYS: this is no public key")
    (tmp_path / "k.pub").unlink()
    [found] = await said(**sound)
    assert found.startswith("✘ The audit cannot be sealed: ")


async def test_a_directory_that_cannot_be_written(sound: dict[str, str]) -> None:
    """A directory that cannot be written is reported; here the path is a file."""
    [found] = await said(**sound | {"AUDIT_DIR": sound["AUDIT_KEY"]})
    assert found.startswith("✘ The audit cannot be written: ")


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (
            "2026-11-22T00:00:00Z",
            "✘ The shared access signature of the audit's blob container expired on 2026-11-22T00:00:00Z",
        ),
        ("2026-12-01", "The shared access signature of the audit's blob container expires on 2026-12-01"),
    ],
)
async def test_a_signature_that_ends(sound: dict[str, str], ends: str, expected: str) -> None:
    """A signature is reported before and after it expires, and a container that does not answer is reported."""
    address = f"https://127.0.0.1:{free_port()}/account/audit?se={ends}&sig=x"
    found = await said(**sound, AUDIT_BLOB_URL=address)
    assert found[0] == expected
    assert found[1].startswith("✘ The audit's blob container: it does not answer")


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("P2555D", ""),
        ("P2556D", "auditLogRetention P2556D is longer than promised and does not apply: P2555D still applies"),
        ("P2554D", "auditLogRetention P2554D is shorter than promised: P2555D still applies"),
    ],
)
async def test_a_retention_that_is_not_what_was_promised(sound: dict[str, str], configured: str, expected: str) -> None:
    """A longer retention needs a confirmation, a shorter one does not apply; both are reported."""
    first = [(1, AuditEntry(Kind.CONFIG_LOADED, NOW, evidence={EVIDENCE: "P2555D"}))]
    sealed(Path(sound["AUDIT_DIR"]), first)
    told = "".join(await said((("emergencyAccess", "auditLogRetention"), configured), **sound))
    assert expected in told
    assert bool(expected) is bool(told)


async def test_a_first_retention_of_more_than_ten_years(sound: dict[str, str]) -> None:
    """A first retention of more than ten years needs a confirmation, because it may be a typing error."""
    [found] = await said((("emergencyAccess", "auditLogRetention"), "P25550D"), **sound)
    assert "does not apply: nothing is promised yet" in found
