"""Draws the cards of requests in reported shapes: `python -m tests.reported FOLDER`.

It saves each card in the folder as JSON and as pictures, as wide as on a desktop and as on a phone, to look at. It also
draws the cards that the documentation shows, in light and dark, with a record of their content. It needs what `make
pictures` needs. With names of filings after the folder it draws these alone, and does not change the documentation.
"""

import argparse
import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docs.pictures.render import THEMES, drawn
from tests.reported.committed import COMMITTED, FOLDER, RECORD, record
from tests.reported.filings import FILINGS, Filing
from tests.reported.showing import Card, shown
from tests.samples.gallery import PHONE, WIDE
from tests.servers import stop_the_shared_server

_WIDTHS = {"desk": WIDE, "phone": PHONE}


def main(folder: Path, names: list[str]) -> None:
    """Run the product and draw its cards."""
    chosen = [one for one in FILINGS if one.name in names] if names else list(FILINGS)
    try:
        cards = asyncio.run(_shown(chosen))
    finally:
        stop_the_shared_server()
    folder.mkdir(parents=True, exist_ok=True)
    for name, card in cards.items():
        (folder / f"{name}.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    drawn(
        [
            _job(card, "light", width, folder / f"{name}-{at}.png")
            for name, card in cards.items()
            for at, width in _WIDTHS.items()
        ]
    )
    if not names:
        _document(cards)


def _document(cards: dict[str, Card]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    drawn([_job(cards[name], theme, WIDE, FOLDER / f"{name}-{theme}.png") for name in COMMITTED for theme in THEMES])
    RECORD.write_text(json.dumps(record(cards), indent=2) + "\n", encoding="utf-8")


async def _shown(filings: Iterable[Filing]) -> dict[str, Card]:
    return {name: card for one in filings for name, card in (await shown(one)).items()}


def _job(card: Card, theme: str, width: int, file: Path) -> dict[str, Any]:
    return {"card": card, "theme": theme, "width": width, "file": str(file)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.reported", description="Draw reported requests.")
    parser.add_argument("folder", type=Path, help="where to leave the pictures")
    parser.add_argument("names", nargs="*", help="the filings to draw; without any, all, and the documentation's too")
    arguments = parser.parse_args()
    main(arguments.folder.absolute(), arguments.names)
