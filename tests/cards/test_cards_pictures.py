"""The pictures in the documentation show the cards that the code draws."""

import json

from docs.pictures import render


def test_the_pictures_are_up_to_date() -> None:
    """If this fails, a card has changed: run `make pictures` and look at what came out."""
    assert json.loads(render.RECORD.read_text(encoding="utf-8")) == render.record(), "run: make pictures"


def test_every_picture_is_there_and_no_other() -> None:
    """Every picture in the record exists, in light and in dark, and there is no other."""
    named = {name for entry in render.record().values() for name in entry["pictures"]}

    assert {path.name for path in render.HERE.glob("*.png")} == named
