"""What `check` doubts about emergencies, reminders and the audit."""

from typing import Any

import pytest

from bot.check_emergency import doubts
from bot.config import parse
from tests.bot.documents import MISSING, Path, written
from tests.bot.test_settings import ENOUGH
from tests.office import settings_of


def said(*changes: tuple[Path, Any], **environment: str) -> str:
    """Every doubt about this configuration and these settings."""
    settings = settings_of({f"COUNTERSIGN_{name}": value for name, value in (ENOUGH | environment).items()})
    return "\n".join(what for what, _ in doubts(settings, parse(written(*changes))))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("emergencyAccess", "auditLogRetention"), "P365D", "LESS THAN SEVEN YEARS"),
        (("emergencyAccess", "emergencyBypassEnabled"), False, "Nobody may break glass"),
        (("emergencyAccess",), MISSING, "Nothing says how long the audit is kept"),
        (("countersign", "emergency"), {}, "has no custodians"),
        (("countersign", "mailbox"), None, "No mail is sent"),
        (("countersign", "onCall"), None, "Nobody is paged"),
        (("countersign", "onCall"), {"chat": "19:x@thread.v2"}, "onCall names nobody"),
    ],
)
def test_a_doubt(path: Path, value: object, expected: str) -> None:
    """Each is said."""
    assert expected in said((path, value))


def test_seven_years_are_no_doubt() -> None:
    """The shipped document keeps the audit long enough."""
    assert "SEVEN YEARS" not in said()


def test_replicas_without_a_key() -> None:
    """A Redis may be shared, and each replica would make a key of its own."""
    assert "The audit is not sealed" in said(REDIS_URL="redis://localhost", SESSION_KEY="s" * 32)
    assert "The audit is not sealed" not in said()
