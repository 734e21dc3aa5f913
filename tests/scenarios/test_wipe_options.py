"""The options of a wipe decide what is lost. The card of a wipe from the portal says what is kept."""

from typing import Any

import pytest

from tests.office import Office, text_of

LOST = "everything that is stored only on it are lost"


@pytest.mark.parametrize(
    ("options", "said", "not_said"),
    [
        ({}, LOST, "is kept"),
        ({"keepUserData": False}, LOST, "is kept"),
        ({"keepUserData": True}, "the user's own data on it is kept", LOST),
        ({"keepEnrollmentData": True, "keepUserData": True}, "It stays enrolled", LOST),
        ({"useProtectedWipe": True}, "cannot be stopped by switching the device off", "is kept"),
        ({"persistEsimDataPlan": True}, "eSIM plan is kept", "stays enrolled"),
        ({"obliterationBehavior": "always"}, "its system is erased as well", "is kept"),
        ({"macOsUnlockCode": "273849", "keepUserData": False}, LOST, "273849"),
    ],
)
async def test_what_is_lost(day: Office, options: dict[str, Any], said: str, not_said: str) -> None:
    """The card and the second step say what is lost, and show no PIN."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen", **options)
    await day.poll()
    step = await day.click("dana", "approve", day.card())

    for card in (day.card().card, step.card):
        assert said in text_of(card)
        assert not_said not in text_of(card)
