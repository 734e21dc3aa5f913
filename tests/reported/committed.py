"""The cards that the documentation shows, and the record of their content."""

from typing import Any

from docs.pictures.render import HERE, THEMES, hashed
from tests.reported.showing import Card

FOLDER = HERE / "reported"
RECORD = FOLDER / "shown.json"
COMMITTED = (
    "bulk-wipe",
    "bulk-wipe-details",
    "app-uninstalled",
    "app-changed",
    "settings-catalogue-changed",
)


def record(cards: dict[str, Card]) -> dict[str, Any]:
    """Return, for each committed card, its hash and the picture files that show it."""
    return {
        name: {"shown": hashed(cards[name]), "pictures": [f"{name}-{theme}.png" for theme in THEMES]}
        for name in COMMITTED
    }
