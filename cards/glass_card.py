"""The break-glass prompt: what it does here, what it requires, and what has to be typed."""

from collections.abc import Sequence
from typing import Any

from approvals.break_glass import PROMPT_TIME, Prompt
from approvals.emergency import EmergencyAccount, Way
from approvals.justification import LEAST_JUSTIFICATION, LONGEST_JUSTIFICATION
from approvals.people import Person
from approvals.request import Request
from cards import words
from cards.actions import Button, Verb, fingerprint_of
from cards.elements import ActionExecute, ActionOpenUrl, Card, Container, InputChoiceSet, InputText, Part
from cards.facts import VALUE
from cards.sheet import heading, line, panel, rows
from cards.stakes import stakes
from cards.status import Tone
from cards.tallies import figures
from cards.text import joined, moment, plain, shown

WHY, TICKET, ACTING, NAME = "why", "ticket", "acting", "name"
"""Ids of the fields."""

NOTICE = 600
TYPED = 60

_WHAT_HAPPENS = {
    Way.DECIDED: (
        "The quorum is set aside. Intune is told at once, in your name, that this is approved. Everybody who could "
        "have decided hears of it, and somebody else reviews it."
    ),
    Way.ESCALATED: (
        "You cannot decide this yourself. Those on call are asked at once, one other person has to approve it within "
        "four hours, everybody who could have decided hears of it, and somebody else reviews it."
    ),
    Way.EXECUTED: "The separate emergency process does it at once, and somebody else reviews it.",
}

_DRILL = "This is a drill: everything is walked through, everybody is told so, and nothing reaches Intune."


def prompt(
    asked: Prompt,
    request: Request,
    account: EmergencyAccount | None,
    way: Way,
    *,
    ticket: bool,
    notice: str = "",
    sign_in_url: str = "",
) -> dict[str, Any]:
    """Return the prompt; with a `sign_in_url` only the sign-in is missing."""
    drill = asked.drill or request.drill
    lost = stakes(request.subject)
    body: list[Part] = [
        *_notice(notice or ("Sign in to confirm your identity." if sign_in_url else "")),
        _header(request, drill=drill),
        line(shown(_DRILL if drill else _WHAT_HAPPENS[way], NOTICE), spacing="Medium"),
        line(shown(f"In a real emergency: {lost}" if drill else lost), weight="Bolder", spacing="Medium"),
        Container(items=rows(_facts(request)), separator=True, spacing="Medium"),
        *(_filled(asked) if sign_in_url else fields(asked, request, account, ticket=ticket)),
        line(joined(shown("Expires"), moment(asked.began_at + PROMPT_TIME)), isSubtle=True, size="Small"),
    ]
    return _card(f"Break glass: {words.title_of(request)}", body, _actions(asked, request, sign_in_url))


def over(sentence: str) -> dict[str, Any]:
    """Return a card of one sentence: nothing was done, and why."""
    return _card(sentence, [line(shown(sentence, NOTICE))])


def fields(asked: Prompt, request: Request, account: EmergencyAccount | None, *, ticket: bool) -> list[Part]:
    """Return the required fields: nobody breaks glass with one tap."""
    return [
        *justification_fields(asked.why, asked.ticket if ticket else None, account.custodians if account else ()),
        InputText(
            id=NAME,
            label=words.to_confirm(request.subject),
            placeholder=plain(request.subject.spelled, TYPED),
            is_required=True,
            error_message=f"Please type “{plain(request.subject.spelled, TYPED)}”.",
            max_length=256,
        ),
    ]


def justification_fields(why: str, ticket: str | None, custodians: Sequence[Person]) -> list[Part]:
    """Return the required justification, a ticket unless it is `None`, and the choice of a shared account's
    custodian."""
    parts: list[Part] = [
        InputText(
            id=WHY,
            label=f"What is the emergency? (at least {LEAST_JUSTIFICATION} characters; everybody sees it)",
            placeholder="What happened, and why it cannot wait for an approver",
            value=why[:LONGEST_JUSTIFICATION],
            is_multiline=True,
            is_required=True,
            error_message="Please say what the emergency is.",
            max_length=LONGEST_JUSTIFICATION,
        )
    ]
    if ticket is not None:
        missing = "Please give the ticket."
        parts.append(
            InputText(id=TICKET, label="Ticket", value=ticket[:TYPED], is_required=True, error_message=missing)
        )
    return [*parts, *([_custodian(custodians)] if custodians else [])]


def _custodian(custodians: Sequence[Person]) -> InputChoiceSet:
    return InputChoiceSet(
        id=ACTING,
        label="This account is shared. Which of its custodians are you?",
        style="expanded",
        choices=[{"title": plain(person.name, TYPED), "value": person.account} for person in custodians],
        is_required=True,
        error_message="Please say who you are.",
    )


def _header(request: Request, *, drill: bool) -> Container:
    return panel(
        Tone.CAREFUL if drill else Tone.GRAVE,
        line(shown("▲ Drill: break glass" if drill else "▲ Break glass"), weight="Bolder"),
        heading(shown(words.title_of(request), words.TITLE), size="Large", spacing="Small"),
        bleed=True,
    )


def _facts(request: Request) -> list[Any]:
    told = [
        ("Requested by", words.asker(request)),
        ("Reason", request.justification or "none given"),
        ("Approvals", figures(request)),
    ]
    return [(shown(label), shown(value, VALUE)) for label, value in told]


def _filled(asked: Prompt) -> list[Part]:
    return rows([(shown("Emergency"), shown(asked.why, LONGEST_JUSTIFICATION))])


def _actions(asked: Prompt, request: Request, sign_in_url: str) -> list[Part]:
    leave = _button(asked, request, Verb.LEAVE, "Never mind", associated_inputs="none")
    if sign_in_url:
        page = _button(asked, request, Verb.PAGE, "Page on-call without signing in", associated_inputs="none")
        return [ActionOpenUrl(title="Sign in", url=sign_in_url, style="positive"), page, leave]
    if asked.drill or request.drill:
        return [_button(asked, request, Verb.BREAK, "Run the drill"), leave]
    return [_button(asked, request, Verb.BREAK, "Break the glass", style="destructive"), leave]


def _button(asked: Prompt, request: Request, verb: Verb, title: str, **look: str) -> ActionExecute:
    data = Button(verb, asked.id, fingerprint_of(request)).data()
    return ActionExecute(title=title, verb=verb.value, data=data, **look)


def _notice(text: str) -> list[Part]:
    return [panel(Tone.CAREFUL, line(shown(text, NOTICE), weight="Bolder"))] if text else []


def _card(summary: str, body: Sequence[Part], actions: Sequence[Part] = ()) -> dict[str, Any]:
    return Card(fallback_text=shown(summary, NOTICE), body=list(body), actions=list(actions)).to_dict()
