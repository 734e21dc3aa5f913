"""The cards of drafts and lists are valid, small, and harmless whatever name a device has."""

from dataclasses import replace
from typing import Any

import pytest

from approvals.asking import Draft
from approvals.causes import BrokeGlass, OpenedByOperator
from approvals.coverage import Coverage, NobodyLeft
from approvals.emergency import EmergencyAccount, Finding, ReviewClosing, Way
from approvals.order import Act, FilingState
from approvals.request import (
    Execution,
    IntuneStatus,
)
from approvals.subject import Subject, Wipe
from cards import drafting, glass_card, lists
from cards.actions import Button, Verb
from cards.request_card import draw, weight
from cards.review_card import review_card
from cards.view import CardStep, View, Viewer
from tests.cards.reading import defects, every, markup_in, text, texts
from tests.samples.chats import CHATS, DRAFT, FILLED, LAPTOPS, Chat
from tests.samples.emergencies import BROKEN, CLOSED, DECIDED, EMERGENCIES, IVAN, PROMPT, REVIEW, REVIEWED, URGENT
from tests.samples.gallery import DEFENDER, NOW, ORDERED, PC, filed

MOST_BYTES = 20_000

each_card = pytest.mark.parametrize("chat", [*CHATS, *EMERGENCIES], ids=lambda chat: chat.name)
each_chat = pytest.mark.parametrize("chat", CHATS, ids=lambda chat: chat.name)


@each_card
def test_every_card_is_valid_and_says_what_it_has_to(chat: Chat) -> None:
    """Every card is valid by the official schema, and says what it has to in words."""
    assert defects(chat.card) == []
    said = text(chat.card)
    assert [phrase for phrase in chat.says if phrase.casefold() not in said.casefold()] == []


@each_chat
def test_every_button_leads_back_to_the_draft(chat: Chat) -> None:
    """Every button carries the draft's id in place of a request's; a confirmation also carries the fingerprint."""
    for action in every(chat.card, "Action.Execute"):
        button = Button.read(action["verb"], action["data"])
        assert button is not None
        assert button.request_id == DRAFT.id
        assert bool(button.fingerprint) or button.verb is not Verb.ASK


def test_a_confirmation_carries_the_witness_of_what_was_shown() -> None:
    """The button of a confirmation carries the digest of what was shown, so that only what was read can be ordered."""
    assert DRAFT.subject is not None
    card = drafting.confirmation(DRAFT, "")
    [ask] = [action for action in every(card, "Action.Execute") if action["verb"] == Verb.ASK]
    assert DRAFT.subject.digest().startswith(ask["data"]["fingerprint"] or "-")


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
    """A device can have any name: it stays plain text, and the card stays small."""
    assert DRAFT.subject is not None
    subject = replace(DRAFT.subject, target=name)
    draft = replace(DRAFT, words=name, justification=name[:800], subject=subject)
    lines = tuple((label, name) for label, _ in LAPTOPS[0].lines)
    choices = [drafting.Choice(f"id{number}", name, lines) for number in range(10)]
    cards: list[dict[str, Any]] = [
        drafting.chooser(draft, choices, "device"),
        drafting.not_found(Act.WIPE, name, "device"),
        drafting.confirmation(draft, name, name),
        drafting.confirmation(draft, name, name, "https://bot.example/signin/x", can_continue=True),
        drafting.asked(replace(ORDERED, subject=subject)),
        drafting.over(name),
        lists.requests("Waiting", [replace(ORDERED, subject=subject, justification=name)] * 30, "None."),
        lists.who_can(name, [(name, name)], name),
    ]
    for card in cards:
        assert weight(card) < MOST_BYTES
        for shown in [*texts(card), card["fallbackText"]]:
            assert markup_in(shown.replace("{{", "").replace("}}", "")) == set()


def test_only_a_wipe_asks_for_the_name() -> None:
    """Every act asks for a reason; only a wipe asks for the name of the target as well."""
    retire = drafting.confirmation(replace(DRAFT, act=Act.RETIRE), "")
    assert [field["id"] for field in every(retire, "Input.Text")] == [drafting.REASON]
    wipe = drafting.confirmation(DRAFT, "")
    assert [field["id"] for field in every(wipe, "Input.Text")] == [drafting.REASON, drafting.NAME]


def test_a_person_who_has_to_sign_in_cannot_ask_past_that() -> None:
    """A person who has to sign in can only follow the link to the page, go on in the chat, or drop the draft."""
    card = drafting.confirmation(DRAFT, "", "", "https://bot.example/signin/x", can_continue=True)
    assert {action["verb"] for action in every(card, "Action.Execute")} == {Verb.CONTINUE, Verb.DROP}
    assert [action["title"] for action in card["actions"]] == ["Sign in", "Go on in our chat", "Never mind"]


def test_beside_a_link_there_is_nothing_to_fill_in() -> None:
    """Beside a sign-in link there are no inputs: a link sends no fields, so changes in them would be lost."""
    card = drafting.confirmation(FILLED, "", "", "https://bot.example/signin/x")

    assert list(every(card, "Input.")) == []
    assert FILLED.justification in text(card)


def test_a_chooser_offers_every_candidate_once() -> None:
    """A chooser offers every candidate once, with titles that differ."""
    [choice] = every(drafting.chooser(DRAFT, LAPTOPS, "device"), "Input.ChoiceSet")
    assert [option["value"] for option in choice["choices"]] == ["a1", "b2"]
    assert len({option["title"] for option in choice["choices"]}) == 2


def test_a_chooser_shows_every_line_to_its_end() -> None:
    """A chooser shows every line in full, because the last contact may be the only difference between two devices."""
    said = text(drafting.chooser(DRAFT, LAPTOPS, "device"))

    assert [value for one in LAPTOPS for _, value in one.lines if value not in said] == []
    assert "…" not in said


def test_a_choice_of_some_says_of_how_many() -> None:
    """A chooser that shows only some of the matches says how many there are."""
    assert "2 match what you wrote" in text(drafting.chooser(DRAFT, LAPTOPS, "device", 2))
    assert "2 of 30 match" in text(drafting.chooser(DRAFT, LAPTOPS, "device", 30))


def test_a_serial_number_that_is_none_tells_nothing_apart() -> None:
    """A serial number that is only a placeholder is not shown in the titles of a chooser."""
    same = [replace(one, lines=(("Serial number", "Default string"),)) for one in LAPTOPS]
    [choice] = every(drafting.chooser(DRAFT, same, "device"), "Input.ChoiceSet")
    assert [one["title"] for one in choice["choices"]] == [f"{n}. {one.name}" for n, one in enumerate(same, 1)]


def test_nobody_has_to_fill_anything_in_to_leave() -> None:
    """Nobody has to fill in a field to drop a draft."""
    for card in (drafting.chooser(DRAFT, LAPTOPS, "device"), drafting.confirmation(DRAFT, "")):
        never_mind = card["actions"][-1]
        assert (never_mind["verb"], never_mind["associatedInputs"]) == (Verb.DROP, "none")


def test_a_confirmation_says_that_nobody_could_approve() -> None:
    """A confirmation says at once if nobody could approve the request."""
    assert "could not be approved here" in text(drafting.confirmation(DRAFT, ""))


def test_an_old_confirmation_tells_where_the_request_is_now() -> None:
    """An old confirmation that is pressed later says where the request is now."""
    assert "Nothing is in Intune yet" in text(drafting.asked(ORDERED))
    done = text(drafting.asked(filed(FilingState.COMPLETED, IntuneStatus.COMPLETED, Execution.DONE)))
    assert "Nothing is in Intune yet" not in done
    assert "Now: Done." in done


@pytest.mark.parametrize(
    ("wipe", "said", "unsaid"),
    [
        (Wipe(), "everything that is stored only on it", "kept"),
        (Wipe(keeps_user_data=True), "data on it is kept", "everything that is stored only on it"),
        (Wipe(keeps_enrollment=True), "stays enrolled", "kept"),
        (Wipe(is_protected=True), "cannot be stopped", "stays enrolled"),
    ],
)
def test_options_change_what_is_said_to_be_lost(wipe: Wipe, said: str, unsaid: str) -> None:
    """The options of a wipe change what is said to be lost, for the author and for the approvers."""
    draft = replace(DRAFT, subject=replace(PC, wipe=wipe))
    request = replace(ORDERED, subject=replace(PC, wipe=wipe))
    cards = [drafting.confirmation(draft, "")]
    cards += [
        draw(request, View(Viewer.ELIGIBLE, step)) for step in (CardStep.REQUEST, CardStep.APPROVE, CardStep.REJECT)
    ]
    for card in cards:
        assert said in text(card)
        assert unsaid not in text(card)


def test_a_long_list_says_what_it_leaves_out() -> None:
    """A long list is cut after some requests and says how many it leaves out."""
    card = lists.requests("Waiting", [ORDERED] * 18, "None.")
    assert "And 6 more." in text(card)
    assert "None." in text(lists.requests("Waiting", [], "None."))


def test_a_draft_needs_something_to_confirm() -> None:
    """Without a target there is no confirmation."""
    with pytest.raises(AssertionError):
        drafting.confirmation(Draft("R", DRAFT.author, Act.WIPE, "PC-1", DRAFT.began_at), "")


def test_a_drill_threatens_nothing() -> None:
    """The prompt of a drill says that losses happen only in a real emergency, and has no dangerous button."""
    drill = glass_card.prompt(replace(PROMPT, drill=True), URGENT, None, Way.DECIDED, ticket=False)
    real = glass_card.prompt(PROMPT, URGENT, None, Way.DECIDED, ticket=False)

    assert "In a real emergency: The device is reset" in text(drill)
    assert "In a real emergency" not in text(real)
    assert (drill["actions"][0]["title"], drill["actions"][0].get("style")) == ("Run the drill", None)
    assert (real["actions"][0]["title"], real["actions"][0]["style"]) == ("Break the glass", "destructive")


@pytest.mark.parametrize(("what", "name"), [(PC, "device"), (DEFENDER, "script")], ids=["device", "script"])
def test_the_prompt_says_which_name_to_type(what: Subject, name: str) -> None:
    """The prompt asks for the name of the kind of target that it is about."""
    card = glass_card.prompt(PROMPT, replace(URGENT, subject=what), None, Way.DECIDED, ticket=False)
    [field] = [field for field in every(card, "Input.Text") if field["id"] == glass_card.NAME]
    assert field["label"] == f"Type the {name}'s name to confirm"


def test_a_review_tells_what_happened_once() -> None:
    """The card of a review says once who asked, who used break-glass, and who closed it."""
    said = text(review_card(CLOSED, overdue=False))

    assert "Requested by Rita Rossi" in said
    assert said.count("broke the glass") == 2  # once as the cause of the review, once with the time
    assert "Closed by Dana Diaz: justified" in said
    assert "roken-glass" not in said
    assert "Glass broken" in text(draw(BROKEN, View()))


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_breaks_an_emergency(name: str) -> None:
    """Justifications and findings may contain anything: they stay plain text, and the cards stay small."""
    glass = replace(DECIDED, why=name, ticket=name, invoker=replace(IVAN, name=name))
    causes = (BrokeGlass(name, name, name, name), OpenedByOperator(name))
    review = replace(REVIEW, causes=causes, closing=ReviewClosing(NOW, glass.invoker, Finding.JUSTIFIED, name))
    request = replace(REVIEWED, glass=(glass,) * 3, review=review, justification=name)
    prompt = replace(PROMPT, why=name, ticket=name)
    custodians = EmergencyAccount(IVAN, (replace(IVAN, name=name),) * 5)
    cards: list[dict[str, Any]] = [
        glass_card.prompt(prompt, request, custodians, Way.DECIDED, ticket=True, notice=name),
        glass_card.prompt(prompt, request, None, Way.ESCALATED, ticket=False, sign_in_url="https://bot.example/x"),
        review_card(request, overdue=False, notice=name),
        review_card(replace(request, review=REVIEW), overdue=True, closing=True),
        draw(request, View()),
        lists.reviews([request] * 20, NOW),
        lists.coverage([(name, Coverage(NobodyLeft(((name,),))))]),
    ]
    for card in cards:
        assert weight(card) < MOST_BYTES
        for shown in [*texts(card), card["fallbackText"]]:
            assert markup_in(shown.replace("{{", "").replace("}}", "")) == set()
