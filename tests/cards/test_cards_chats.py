"""The cards of drafts and lists: valid, small, and harmless whatever somebody called their device."""

from dataclasses import replace
from typing import Any

import pytest

from approvals.asking import Draft
from approvals.order import Act
from cards import drafting, lists
from cards.actions import Button, Verb
from cards.request_card import weight
from docs.pictures.chats import CHATS, DRAFT, LAPTOPS, Chat
from docs.pictures.gallery import ORDERED
from tests.cards.reading import defects, every, text

MOST_BYTES = 20_000

each_chat = pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat.name)


@each_chat
def test_every_card_is_valid_and_says_what_it_has_to(chat: Chat) -> None:
    """By the official schema, and in words."""
    assert defects(chat.card) == []
    said = text(chat.card)
    assert [phrase for phrase in chat.says if phrase.casefold() not in said.casefold()] == []


@each_chat
def test_every_button_leads_back_to_the_draft(chat: Chat) -> None:
    """Its id stands in the request's place, and a confirmation carries the witness of what was shown."""
    for action in every(chat.card, "Action.Execute"):
        button = Button.read(action["verb"], action["data"])
        assert button is not None
        assert button.request_id == DRAFT.id
        if button.verb is Verb.ASK:
            assert DRAFT.subject is not None
            assert DRAFT.subject.digest().startswith(button.witness or "-")


HOSTILE = (
    "",
    " ",
    "x" * 5000,
    "[a](https://evil.example)",
    "{{DATE(2026-01-01T00:00:00Z)}}",
    "\u202e\x00*_`",
    "😀" * 300,
)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_breaks_a_card(name: str) -> None:
    """Names come from devices, and whoever has one can call it as they like."""
    assert DRAFT.subject is not None
    subject = replace(DRAFT.subject, target=name)
    draft = replace(DRAFT, words=name, justification=name[:800], subject=subject)
    choices = [drafting.Choice(f"id{number}", name, (("Model", name),)) for number in range(10)]
    cards: list[dict[str, Any]] = [
        drafting.chooser(draft, choices, "device"),
        drafting.not_found(Act.WIPE, name, "device"),
        drafting.confirmation(draft, name, name),
        drafting.asked(replace(ORDERED, subject=subject)),
        drafting.over(name),
        lists.requests("Waiting", [replace(ORDERED, subject=subject, justification=name)] * 30, "None."),
        lists.who_can(name, [(name, name)], name),
    ]
    for card in cards:
        assert weight(card) < MOST_BYTES
        assert "](https" not in text(card) or "\\[" in str(card)


def test_only_a_wipe_asks_for_the_name() -> None:
    """And every act for the reason."""
    retire = drafting.confirmation(replace(DRAFT, act=Act.RETIRE), "")
    assert [field["id"] for field in every(retire, "Input.Text")] == [drafting.REASON]
    wipe = drafting.confirmation(DRAFT, "")
    assert [field["id"] for field in every(wipe, "Input.Text")] == [drafting.REASON, drafting.NAME]


def test_a_person_who_has_to_sign_in_cannot_ask_past_that() -> None:
    """In a channel there are two ways on: the page, or the chat."""
    card = drafting.confirmation(DRAFT, "", "", "https://bot.example/signin/x", can_continue=True)
    assert {action["verb"] for action in every(card, "Action.Execute")} == {Verb.CONTINUE, Verb.DROP}


def test_a_chooser_offers_every_candidate_once() -> None:
    """Under titles that tell them apart."""
    [choice] = every(drafting.chooser(DRAFT, LAPTOPS, "device"), "Input.ChoiceSet")
    assert [option["value"] for option in choice["choices"]] == ["a1", "b2"]
    assert len({option["title"] for option in choice["choices"]}) == 2


def test_a_long_list_says_what_it_leaves_out() -> None:
    """Nobody reads more than a dozen in a chat."""
    card = lists.requests("Waiting", [ORDERED] * 18, "None.")
    assert "And 6 more." in text(card)
    assert "None." in text(lists.requests("Waiting", [], "None."))


def test_a_draft_needs_something_to_confirm() -> None:
    """Before the target was read there is no confirmation."""
    with pytest.raises(AssertionError):
        drafting.confirmation(Draft("R", DRAFT.author, Act.WIPE, "PC-1", DRAFT.began_at), "")
