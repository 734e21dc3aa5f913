"""The pictures of requests in reported shapes show what the product says of these requests."""

import json

import pytest

from tests.reported.committed import COMMITTED, FOLDER, RECORD, record
from tests.reported.filings import FILINGS, Filing
from tests.reported.showing import Card, shown

PICTURED = [one for one in FILINGS if one.name in COMMITTED]


async def test_the_pictures_are_up_to_date() -> None:
    """The committed pictures match the cards. If this fails, a card has changed: run `make reported` and look at the
    result."""
    cards: dict[str, Card] = {}
    for one in PICTURED:
        cards |= await shown(one)
    assert json.loads(RECORD.read_text(encoding="utf-8")) == record(cards), "run: make reported"


def test_every_picture_is_there_and_no_other() -> None:
    """Every committed card has its picture in light and in dark, and there are no other pictures."""
    entries = json.loads(RECORD.read_text(encoding="utf-8")).values()
    assert {path.name for path in FOLDER.glob("*.png")} == {name for entry in entries for name in entry["pictures"]}


@pytest.mark.extra
@pytest.mark.parametrize("filing", FILINGS, ids=lambda filing: filing.name)
async def test_every_shape_gets_its_card(filing: Filing) -> None:
    """A request of each shape gets a card with buttons, and Details for a person who may decide it."""
    posted, *details = (await shown(filing)).values()
    assert posted["actions"]
    assert len(details) == filing.pages
    assert all("Request " in json.dumps(card) for card in details)
