"""Every card in every state is valid, small, and carries nothing but a verb, a request id and a witness."""

import importlib.resources
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from approvals.request import Fact, Request
from cards.actions import Button, Verb
from cards.request_card import draw
from cards.text import escape
from cards.view import Step, View, Viewer
from docs.pictures.gallery import SAMPLES, Sample
from tests.approvals.builders import SUBJECT, request

PORTAL = "https://intune.example/received"
SCHEMA = Draft6Validator(
    json.loads(
        (importlib.resources.files("adaptive_cards") / "schemas" / "schema-1.5.json").read_text(encoding="utf-8")
    )
)


def every(card: Any, kind: str) -> Iterator[dict[str, Any]]:
    """All parts of a card whose type begins so."""
    if isinstance(card, dict):
        if str(card.get("type", "")).startswith(kind):
            yield card
        for value in card.values():
            yield from every(value, kind)
    elif isinstance(card, list):
        for value in card:
            yield from every(value, kind)


def check(card: dict[str, Any]) -> None:
    """What holds for every card of ours."""
    plain = {key: value for key, value in card.items() if key != "msteams"}
    assert [error.message for error in SCHEMA.iter_errors(plain)] == []
    assert card["version"] == "1.5"
    assert len(json.dumps(card, ensure_ascii=False).encode("utf-16-le")) < 20_000
    for action in every(card, "Action.Execute"):
        assert set(action["data"]) == {"request", "witness"}
        assert Button.read(action["verb"], action["data"]) is not None
    for typed in every(card, "Input."):
        assert typed["id"]
        assert typed["label"]
        assert not typed.get("isRequired") or typed["errorMessage"]


def verbs(card: dict[str, Any]) -> set[str]:
    """What can be pressed."""
    return {action["verb"] for action in every(card.get("actions", []), "Action.Execute")}


def text(card: dict[str, Any]) -> str:
    """All that a person reads."""
    blocks = [block["text"] for block in every(card, "TextBlock")]
    facts = [f"{fact['title']}: {fact['value']}" for group in every(card, "FactSet") for fact in group["facts"]]
    return "\n".join(blocks + facts)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
@pytest.mark.parametrize("viewer", Viewer)
def test_every_state_is_valid_for_every_reader(sample: Sample, viewer: Viewer) -> None:
    """The official schema, the size, the buttons and the inputs."""
    for step in Step if viewer is Viewer.ELIGIBLE else (Step.REQUEST,):
        check(draw(sample.request, View(viewer=viewer, step=step, notice="No.", refresh_for=("29:a",)), PORTAL))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_is_over_has_no_vote_buttons_and_no_refresh(sample: Sample) -> None:
    """A final card is final."""
    card = draw(sample.request, View(refresh_for=("29:a",)), PORTAL)

    if sample.request.takes_votes:
        assert card["refresh"]["userIds"] == ["29:a"]
    else:
        assert "refresh" not in card
        assert not verbs(card) & {Verb.APPROVE, Verb.REJECT, Verb.WITHDRAW}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_card_says_what_it_should(sample: Sample) -> None:
    """By word, not by colour."""
    card = draw(sample.request, sample.view, PORTAL)

    for phrase in sample.says:
        assert phrase in text(card)


@pytest.mark.parametrize(
    ("viewer", "buttons"),
    [
        (Viewer.EVERYONE, {Verb.APPROVE, Verb.REJECT, Verb.DETAILS}),
        (Viewer.ELIGIBLE, {Verb.APPROVE, Verb.REJECT, Verb.DETAILS}),
        (Viewer.VOTED, {Verb.WITHDRAW, Verb.REJECT, Verb.DETAILS}),
        (Viewer.REQUESTOR, {Verb.DETAILS}),
        (Viewer.BYSTANDER, {Verb.DETAILS}),
    ],
)
def test_who_can_press_what(viewer: Viewer, buttons: set[Verb]) -> None:
    """The base card is usable by all; the server is the gate."""
    assert verbs(draw(request(), View(viewer=viewer), PORTAL)) == buttons


hostile = st.text(st.characters(codec="utf-16"), max_size=3000)


@settings(max_examples=25, deadline=None)
@given(hostile, hostile, hostile)
def test_hostile_text_stays_text(name: str, why: str, value: str) -> None:
    """Whatever people write: the card is valid, small, and their text is no markup."""
    subject = type(SUBJECT)(
        SUBJECT.policy_types, "X", "update", "1", name, "0" * 64, facts=tuple(Fact(name, value, why) for _ in range(40))
    )
    on: Request = request(subject=subject, justification=why)

    for step in Step:
        check(draw(on, View(step=step, script=value), PORTAL))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[click](https://evil.example)", r"\[click\](https://evil.example)"),
        ("<at>everyone</at>", r"\<at\>everyone\</at\>"),
        ("**bold** _it_ `code`", r"\*\*bold\*\* \_it\_ \`code\`"),
        ("a\n\n# heading\u202e\u0000", r"a \# heading"),
        ("{{DATE(2026-01-01T00:00:00Z)}}", "{ {DATE(2026-01-01T00:00:00Z)}}"),
        ("1. first", r"1\. first"),
        ("- item", r"\- item"),
        ("x" * 200, "x" * 99 + "…"),
    ],
)
def test_escape(written: str, shown: str) -> None:
    """Links, mentions, emphasis, headings, functions, lists, direction overrides; and a visible end."""
    assert escape(written, 100) == shown
