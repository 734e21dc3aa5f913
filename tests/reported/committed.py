"""Those of the cards that the documentation shows, and the record of what is on them."""

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
    """For every one of them the hash of its card and the files that show it."""
    return {
        name: {"shown": hashed(cards[name]), "pictures": [f"{name}-{theme}.png" for theme in THEMES]}
        for name in COMMITTED
    }
