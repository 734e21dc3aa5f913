"""The messages about a change of a brake: to the person who changed it, and in the operations channel."""

from datetime import UTC, datetime

import pytest

from approvals.brake import PAUSE, Brake, lock_name, recovery_brake, store_brake
from approvals.brake_news import BrakeNews, LedgerAccepted, Lifted, OneMore, StaysPaused
from approvals.lifting import Move
from approvals.people import Person
from cards.brakes import answer, moved

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PAUSED = Brake(PAUSE, Person("alex", "Alex"), "Odd wipes.", NOW)
GOES_ON = "What waited goes on now."


@pytest.mark.parametrize(
    ("news", "to_the_mover", "to_the_channel"),
    [
        (
            StaysPaused("Dana", "Still odd."),
            "It is paused already, and the first reason stays.",
            "Dana wants it to stay paused: Still odd.",
        ),
        (
            OneMore("Dana"),
            "Noted. It takes one more approver: they write /resume as well.",
            "Dana wants it resumed. It takes one more approver: they write /resume.",
        ),
        (Lifted(PAUSED, ("Dana", "Cora")), f"Resumed by Dana and Cora. {GOES_ON}", ""),
        (Lifted(Brake(lock_name("Script"), None, "", NOW), ("Dana",)), f"script unlocked by Dana. {GOES_ON}", ""),
        (Lifted(store_brake("It was reset.", NOW), ("Olaf",)), f"The store was accepted by Olaf. {GOES_ON}", ""),
        (Lifted(recovery_brake(NOW), ("Olaf",)), f"The store was accepted by Olaf. {GOES_ON}", ""),
        (
            LedgerAccepted("Olaf", "The disk was lost."),
            "The ledger of the emergency process was accepted by Olaf.",
            "The ledger of the emergency process was accepted by Olaf. The disk was lost.",
        ),
    ],
)
def test_what_became_of_a_brake(news: BrakeNews, to_the_mover: str, to_the_channel: str) -> None:
    """Both messages are the same, unless the table has another text for the channel."""
    assert answer(Move(None, None, (), (), news)) == to_the_mover
    assert moved(news) == (to_the_channel or to_the_mover)
