"""The doubts of `check` about emergencies and reminders."""

from typing import Any

import pytest

from bot.check.emergency import doubts
from bot.config.file import parse
from tests.bot.config.documents import Path, written
from tests.bot.config.test_environment import ENOUGH
from tests.office import settings_of


def said(*changes: tuple[Path, Any], **environment: str) -> str:
    """Return every doubt about this configuration and these settings."""
    settings = settings_of({f"COUNTERSIGN_{name}": value for name, value in (ENOUGH | environment).items()})
    return "\n".join(what for what, _ in doubts(settings, parse(written(*changes))))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("emergencyAccess", "emergencyBypassEnabled"), False, "Break-glass is not enabled"),
        (("countersign", "emergency"), {}, "has no custodians"),
        (("countersign", "mailbox"), None, "No mail is sent"),
        (("countersign", "onCall"), None, "Nobody is paged"),
        (("countersign", "onCall"), {"chat": "19:x@thread.v2"}, "onCall names nobody"),
    ],
)
def test_a_doubt(path: Path, value: object, expected: str) -> None:
    """Each doubtful setting is reported."""
    assert expected in said((path, value))
