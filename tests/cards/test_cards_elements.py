"""The elements of cards are strict, and a button is read back only with what it carries."""

import json

import pytest

from cards.actions import Button, Verb, fingerprint_of, stamped
from cards.elements import Card, Container, InputText, TextBlock
from cards.request_card import draw
from cards.view import View
from cards.welcome import welcome
from tests.cards.reading import check, defects, every, text
from tests.samples.gallery import SCRIPT, WAITING, WIPE


def test_a_misspelt_property_is_an_error() -> None:
    """A misspelt property is an error; the package itself would drop it silently."""
    with pytest.raises(TypeError, match="TextBlock has no property 'colour'"):
        TextBlock(text="x", colour="Good")


def test_a_value_of_the_wrong_type_is_an_error() -> None:
    """A value of the wrong type is an error, before a client shows an empty card."""
    with pytest.raises(TypeError):
        InputText(id="note", max_length="800")


def test_a_card_unfolds_to_plain_json() -> None:
    """A card becomes plain JSON, however deeply it is nested."""
    card = Card(body=[Container(items=[TextBlock(text="x")])]).to_dict()

    assert json.loads(json.dumps(card)) == card
    assert card["version"] == "1.5"
    assert card["body"][0]["items"][0] == {"type": "TextBlock", "text": "x"}


@pytest.mark.parametrize("verb", Verb)
def test_a_button_is_read_back(verb: Verb) -> None:
    """A button is read back, with whatever Teams adds to its data."""
    button = Button(verb, WAITING.id, fingerprint_of(WAITING))

    assert Button.read(verb.value, button.data() | {"note": "hello"}) == button


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("wipe-everything", {"request": "R1"}),
        ("approve", {"request": "../R1"}),
        ("approve", {"request": "R1", "fingerprint": "not hexadecimal"}),
        ("approve", {"request": "R1", "attempt": "../a1"}),
        ("approve", {"request": "R1", "attempt": "a" * 65}),
        ("approve", {"request": "R1", "attempt": 1}),
        ("approve", {"request": 1}),
        ("approve", ["R1"]),
        (["approve"], {"request": "R1"}),
        (None, None),
    ],
)
def test_what_no_card_of_ours_sends_is_no_button(verb: object, data: object) -> None:
    """Data that no card of ours sends is not a button, because the client can send any data."""
    assert Button.read(verb, data) is None


def test_every_button_brings_back_the_attempt_that_posted_its_card() -> None:
    """Every button and the refresh carry the attempt that posted the card; the drawn card itself is not changed."""
    card = draw(WAITING, View(refresh_for=("29:a",)))
    nested = {"type": "Container", "items": [{"type": "ActionSet", "actions": [card["refresh"]["action"]]}]}
    card["body"].append(nested)
    before = json.dumps(card)

    stamp = stamped(card, "a1")

    pressed = list(every(stamp, "Action.Execute"))
    assert len(pressed) == len(list(every(card, "Action.Execute"))) > 2
    assert {Button.read(action["verb"], action["data"]) for action in pressed} == {
        Button(Verb(action["verb"]), WAITING.id, fingerprint_of(WAITING), "a1") for action in pressed
    }
    assert json.dumps(stamp).replace(', "attempt": "a1"', "") == before == json.dumps(card)
    assert stamped(card, "") == card


def test_a_new_channel_is_told_what_it_gets_and_what_to_write() -> None:
    """A new channel reads which requests it gets, who can approve them, and its own id to paste into the settings."""
    card = welcome("19:approvals", [WIPE, SCRIPT])

    assert defects(card) == []
    check(card)
    assert "Device wipe: can be approved by Device-Managers or Security-Team" in text(card)
    (code,) = every(card, "TextRun")
    assert json.loads(code["text"]) == {"channels": ["19:approvals"]}


def test_a_channel_that_gets_nothing_is_told_so() -> None:
    """A channel that gets no requests says so, with the same id to paste."""
    card = welcome("19:other", [WIPE, SCRIPT])

    assert defects(card) == []
    check(card)
    assert "No approval requests are posted in this channel yet." in text(card)
