"""Cards as text, as the demo shows them."""

from io import StringIO

from rich.console import Console

from cards.review_card import review_card
from simulator.terminal import draw
from tests.samples.emergencies import CLOSED


def test_a_moment_stands_apart_from_what_happened_then() -> None:
    """Times in the trail of a review, the longest labels, are separated from what happened."""
    screen = StringIO()
    console = Console(file=screen, width=100)
    console.print(draw(review_card(CLOSED, overdue=False), "Approvals"))
    told = screen.getvalue()

    for line in ("Requested by Rita Rossi", "Closed by Dana Diaz"):
        assert f"  {line}" in told
