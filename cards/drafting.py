"""The cards of a draft, for its author only: choosing the target, confirming, and the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from approvals.asking import DRAFT_TIME, Draft
from approvals.fingerprint import fingerprint_of
from approvals.justification import LONGEST_REASON, SHORTEST_REASON
from approvals.order import Act
from approvals.people import Person
from approvals.request import (
    Request,
)
from approvals.serials import is_dummy
from approvals.subject import Subject
from cards import words
from cards.actions import Button, Verb
from cards.causes import stricter_because
from cards.elements import ActionExecute, ActionOpenUrl, Card, Container, InputChoiceSet, InputText, Part
from cards.facts import LABEL, VALUE, length_of
from cards.glass_card import justification_fields
from cards.request_card import MOST_BYTES, weight
from cards.reviewing import lines
from cards.sheet import heading, line, panel, rows
from cards.stakes import stakes
from cards.status import Tone, status_of
from cards.text import Markup, joined, moment, plain, shown, told

CHOICE, REASON, NAME = "choice", "reason", "name"
"""Ids of the fields; Teams sends the inputs along with the button's data."""

NOTICE = 600
TYPED = 60
TOLD = (60, 30, 15)
"""Lengths for the text that distinguishes candidates: the first with which all candidates fit is used."""

MOST_FACTS = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible match; `lines` are pairs of label and value."""

    id: str
    name: str
    lines: tuple[tuple[str, str], ...] = ()


def chooser(draft: Draft, candidates: Sequence[Choice], what: str, total: int = 0) -> dict[str, Any]:
    """Return a card to pick one of several candidates, of `total` matches, with enough text to tell them apart."""
    cards = [_chooser(draft, candidates, what, total, told) for told in TOLD]
    return next((card for card in cards if weight(card) < MOST_BYTES), cards[-1])


def _chooser(draft: Draft, candidates: Sequence[Choice], what: str, total: int, told: int) -> dict[str, Any]:
    options = [
        {"title": plain(f"{number}. {one.name}{_serial(one)}", TYPED), "value": one.id}
        for number, one in enumerate(candidates, 1)
    ]
    choice = InputChoiceSet(
        id=CHOICE,
        label=f"Which {what}?",
        style="expanded",
        choices=options,
        is_required=True,
        error_message="Please choose one.",
    )
    return _card(
        f"Several match: which {what}?",
        [
            panel(
                Tone.CALLING,
                heading(shown(f"Which {what} do you mean?"), size="Large"),
                _many(len(candidates), total),
                bleed=True,
            ),
            *[_candidate(number, one, told) for number, one in enumerate(candidates, 1)],
            choice,
        ],
        [_button(draft, Verb.CHOOSE, "Continue", style="positive"), _never_mind(draft)],
    )


def not_found(act: Act, typed: str, what: str) -> dict[str, Any]:
    """Return a card that says what was not found, and what to write instead."""
    ways = "by its name, its serial number or its user" if act.is_on_device else "by its name in Intune"
    if what == "group":
        ways = "by its name in the directory"
    looked = plain(typed, TYPED)
    return over(f'There is no {what} "{looked}". Look for it {ways}, exactly as it is written there.')


def confirmation(
    draft: Draft,
    approvers: str,
    notice: str = "",
    sign_in_url: str = "",
    *,
    can_continue: bool = False,
    custodians: Sequence[Person] = (),
    ticket: bool = False,
    alone: bool = False,
) -> dict[str, Any]:
    """Return a card with what would happen, who would have to approve it, and what the author has to fill in.

    In an emergency the author justifies it, with a `ticket` if one is required, and says which of the `custodians` they
    are. If they may act `alone`, it is done at once.
    """
    subject = draft.subject
    assert subject is not None, "there is nothing to confirm yet"  # noqa: S101  a bug, never a state of the world
    body = [
        *_notice(notice or _sign_in_notice(sign_in_url)),
        _header(draft, subject),
        line(shown(stakes(subject)), weight="Bolder", spacing="Medium"),
        Container(items=rows(_facts(subject, approvers)), separator=True, spacing="Medium"),
        *_stricter(draft),
        *_emergency(draft, alone=alone),
        *(_filled(draft) if sign_in_url else _fields(draft, subject, custodians, ticket=ticket)),
        line(joined(shown("Good until"), moment(draft.began_at + DRAFT_TIME)), isSubtle=True, size="Small"),
    ]
    return _card(f"{words.title(subject)}: confirm it", body, _confirming(draft, sign_in_url, can_continue))


def asked(request: Request) -> dict[str, Any]:
    """Return the card that replaces a confirmation afterwards."""
    return _card(
        f"Asked for: {words.title_of(request)}",
        [
            panel(
                Tone.GOOD,
                line(shown("✓ Asked for approval"), weight="Bolder"),
                heading(shown(words.title_of(request), words.TITLE), size="Large", spacing="Small"),
                bleed=True,
            ),
            line(shown(_where(request)), spacing="Medium"),
            line(shown(f"Its card in our chat follows it to the end. Request {request.id}"), isSubtle=True),
        ],
    )


def _where(request: Request) -> str:
    """Return where the request is now: an old card can be pressed much later."""
    if request.takes_votes:
        return f"Waiting for {words.approvers(request)}. Nothing is in Intune yet."
    return f"Now: {status_of(request).word}."


def over(sentence: str) -> dict[str, Any]:
    """Return a card of one sentence: nothing was requested, and why."""
    return _card(sentence, [line(shown(sentence, NOTICE))])


def _card(summary: str, body: Sequence[Part], actions: Sequence[Part] = ()) -> dict[str, Any]:
    return Card(fallback_text=shown(summary, NOTICE), body=list(body), actions=list(actions)).to_dict()


def _many(count: int, total: int) -> Part:
    if total <= count:
        return line(shown(f"{count} match what you wrote."))
    return line(shown(f"{count} of {total} matches are shown. If yours is not among them, write it more precisely."))


def _candidate(number: int, one: Choice, longest: int) -> Container:
    told = " · ".join(f"{label}: {plain(value, longest)}" for label, value in one.lines if value)
    texts = [line(shown(f"{number}. {one.name}", TYPED), weight="Bolder")]
    texts += [line(shown(told), isSubtle=True, spacing="None")] if told else []
    return Container(items=texts, spacing="Medium")


def _serial(one: Choice) -> str:
    found = next((value for label, value in one.lines if label == "Serial number"), "")
    return "" if is_dummy(found) else f" ({found})"


def _notice(text: str) -> list[Part]:
    return [panel(Tone.CAREFUL, line(shown(text, NOTICE), weight="Bolder"))] if text else []


def _sign_in_notice(url: str) -> str:
    return "Please sign in, so that it is certain that it is you who asks. Or go on in our chat." if url else ""


def _header(draft: Draft, subject: Subject) -> Container:
    urgent = " · Urgent" if draft.urgent else ""
    return panel(
        Tone.CAREFUL,
        line(shown(f"Not asked for yet{urgent}"), weight="Bolder"),
        heading(shown(words.title(subject), words.TITLE), size="Large", spacing="Small"),
        line(shown(" · ".join(flow.operation for flow in draft.workflows), VALUE), isSubtle=True, spacing="None"),
        bleed=True,
    )


def _facts(subject: Subject, approvers: str) -> list[tuple[Markup, Markup]]:
    facts = [(shown(one.label, LABEL), told(one.told, length_of(one))) for one in lines(subject)[:MOST_FACTS]]
    nobody = "nobody is named, so it could not be approved here"
    return [*facts, (shown("Approvers"), shown(approvers or nobody, VALUE))]


def _stricter(draft: Draft) -> list[Part]:
    if draft.stricter is None:
        return []
    sentence = f"More people than usual have to approve this, because {stricter_because(draft.stricter)}."
    return [panel(Tone.CAREFUL, line(shown(sentence, NOTICE)))]


def _filled(draft: Draft) -> list[Part]:
    """Return what was filled in. A sign-in link sends no inputs, so there are no fields beside it."""
    return rows([(shown("Reason"), shown(draft.justification or "none given", LONGEST_REASON))])


def _emergency(draft: Draft, *, alone: bool) -> list[Part]:
    """Return what break-glass does to the author's own order."""
    if not draft.emergency:
        return []
    if draft.drill:
        text = "This is a drill: everything is walked through, everybody is told so, and nothing reaches Intune."
    elif alone:
        text = "Emergency: the separate emergency process does it at once, with nobody else. Somebody else reviews it."
    else:
        text = (
            "Emergency: those on call are asked at once, and one other person has to approve it within four hours. "
            "Somebody else reviews it afterwards."
        )
    return [panel(Tone.GRAVE, line(shown(text, NOTICE), weight="Bolder"))]


def _fields(draft: Draft, subject: Subject, custodians: Sequence[Person], *, ticket: bool) -> list[Part]:
    if not draft.emergency:
        return [_reason(draft), *_name(draft, subject)]
    asked = justification_fields(draft.justification, draft.ticket if ticket else None, custodians)
    return [*asked, *_name(draft, subject)]


def _reason(draft: Draft) -> InputText:
    return InputText(
        id=REASON,
        label=f"Why ({SHORTEST_REASON} to {LONGEST_REASON} characters; approvers and Intune's audit see it)",
        placeholder="What happened, and the ticket if there is one",
        value=draft.justification,
        is_multiline=True,
        is_required=True,
        error_message="Please say why.",
        max_length=LONGEST_REASON,
    )


def _name(draft: Draft, subject: Subject) -> list[Part]:
    if not draft.needs_name:
        return []
    return [
        InputText(
            id=NAME,
            label=words.to_confirm(subject),
            placeholder=plain(subject.spelled, TYPED),
            is_required=True,
            error_message=f"Please {words.to_confirm(subject)[0].lower()}{words.to_confirm(subject)[1:]}.",
            max_length=256,
        )
    ]


def _confirming(draft: Draft, sign_in_url: str, can_continue: bool) -> list[Part]:
    if sign_in_url:
        ways: list[Part] = [ActionOpenUrl(title="Sign in", url=sign_in_url, style="positive")]
        ways += [_button(draft, Verb.CONTINUE, "Go on in our chat", associated_inputs="none")] if can_continue else []
        return [*ways, _never_mind(draft)]
    style = "destructive" if draft.act.is_on_device else "positive"
    title = "Break the glass" if draft.emergency else "Ask for approval"
    return [_button(draft, Verb.ASK, title, style=style), _never_mind(draft)]


def _never_mind(draft: Draft) -> ActionExecute:
    return _button(draft, Verb.DROP, "Never mind", associated_inputs="none")


def _button(draft: Draft, verb: Verb, title: str, **look: str) -> ActionExecute:
    fingerprint = fingerprint_of(draft.subject) if draft.subject else ""
    return ActionExecute(title=title, verb=verb.value, data=Button(verb, draft.id, fingerprint).data(), **look)
