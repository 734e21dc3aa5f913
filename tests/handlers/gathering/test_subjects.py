"""How a device will be wiped, by everything that the request says."""

from typing import Any

import pytest

from approvals.subject import Wipe
from handlers.gathering.subjects import subject_of
from handlers.ports.intune import Content
from tests.fakes.intune import wipe as filed

KEPT = Wipe(keeps_user_data=True)


def wiped(payload: Any) -> Wipe | None:
    """Return the wipe that a reviewer reads for this payload."""
    return subject_of(filed(payload=payload), Content()).wipe


@pytest.mark.parametrize(
    ("payload", "wipe"),
    [
        ({"keepUserData": True}, KEPT),
        ({"keepUserData": "True ", "payload": {"KeepUserData": True}}, KEPT),
        ({"keepUserData": True, "payload": {"keepUserData": False}}, Wipe()),
        ({"keepUserData": False, "payload": {"keepUserData": True}}, Wipe()),
        ({"keepUserData": None}, Wipe()),
        ({"keepUserData": 1}, Wipe()),
        ({"useProtectedWipe": False, "payload": {"useProtectedWipe": True}}, Wipe(is_protected=True)),
        (
            {"items": [{"useProtectedWipe": True, "obliterationBehavior": "always"}]},
            Wipe(is_protected=True, obliteration="always"),
        ),
    ],
)
def test_nothing_is_kept_by_half(payload: Any, wipe: Wipe) -> None:
    """If a call is shown twice with different values, the more destructive one counts."""
    assert wiped(payload) == wipe
