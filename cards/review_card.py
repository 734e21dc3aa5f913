"""The card of a review: what was done, by whom, why, what it changed; and the step that closes it."""

from typing import Any

from approvals.emergency import BreakGlassRecord, Finding, Review
from approvals.justification import LEAST_JUSTIFICATION, LONGEST_JUSTIFICATION
from approvals.request import Decision, Request, Verdict
from approvals.review import reviewer_names
from cards import words
from cards.actions import Button, Verb, fingerprint_of
from cards.causes import causes_told
from cards.elements import ActionExecute, Card, Container, InputText, Part
from cards.facts import VALUE
from cards.refusals import either
from cards.sheet import heading, line, panel, rows
from cards.status import Status, Tone, status_of
from cards.tallies import figures
from cards.text import Markup, brief_moment, joined, listed, moment, shown

TEXT = "text"
"""Id of the field for the finding's text."""

NOTICE = 600
CAUSE = 600
MOST_VOTES = 8

_VOTED = {Verdict.APPROVE: "approved", Verdict.REJECT: "rejected"}
_FOUND = {Finding.JUSTIFIED: "justified", Finding.NOT_JUSTIFIED: "not justified"}


def review_card(request: Request, *, overdue: bool, notice: str = "", closing: bool = False) -> dict[str, Any]:
    """Return the card of this request's review; with `closing`, also the field and the two buttons that close it."""
    review = request.review
    assert review is not None, "there is nothing to review"  # noqa: S101  a bug, never a state of the world
    status = _status(review, overdue=overdue)
    body: list[Part] = [
        *([panel(Tone.CAREFUL, line(shown(notice, NOTICE), weight="Bolder"))] if notice else []),
        panel(
            status.tone,
            line(joined(shown(status.sign), shown(status.word)), weight="Bolder"),
            heading(shown(words.title_of(request), words.TITLE), size="Large", spacing="Small"),
            bleed=True,
        ),
        line(shown(causes_told(review.causes), CAUSE), spacing="Medium"),
        Container(items=rows(_facts(request, review)), separator=True, spacing="Medium"),
        Container(items=rows(_trail(request, review)), separator=True, spacing="Medium"),
        *_closed(review),
        *([_finding_field()] if closing else []),
    ]
    card = Card(
        fallback_text=shown(f"{status.word}: {words.title_of(request)}", NOTICE),
        body=body,
        actions=_actions(request, review, closing=closing),
    )
    return card.to_dict()


def _status(review: Review, *, overdue: bool) -> Status:
    drill = " of a drill" if review.drill else ""
    if review.closing is not None:
        finding = review.closing.finding
        sign, tone = ("✓", Tone.GOOD) if finding is Finding.JUSTIFIED else ("✕", Tone.GRAVE)
        return Status(sign, f"Review{drill} closed: {_FOUND[finding]}", tone)
    if overdue:
        return Status("▲", f"Review{drill} overdue", Tone.GRAVE)
    return Status("○", f"Review{drill} needed", Tone.CALLING)


def _facts(request: Request, review: Review) -> list[tuple[Markup, Markup]]:
    told = [
        ("Requested by", shown(words.asker(request), words.NAME)),
        ("Reason", shown(request.justification or "none given", VALUE)),
        ("Outcome", shown(status_of(request).word, VALUE)),
        *([("Approvals", shown(_approvals(request), VALUE))] if request.workflows else []),
        ("Involved", shown(listed(dict.fromkeys(person.name for person in review.people)), VALUE)),
    ]
    if review.is_open:
        told += [
            ("Review by", moment(review.due)),
            ("Can be closed by", shown(f"Members of {either(reviewer_names(request))} who were not involved", VALUE)),
        ]
    return [(shown(label), value) for label, value in told]


def _approvals(request: Request) -> str:
    people = [vote.voter.name for vote in request.votes if vote.verdict is Verdict.APPROVE]
    return f"{figures(request)}: {listed(people[:MOST_VOTES])}" if people else figures(request)


def _trail(request: Request, review: Review) -> list[tuple[Markup, Markup]]:
    """Return the events with their times, in order. The break-glass entry already says how it was decided."""
    filing = request.filing
    happened = [(request.opened_at, f"Requested by {words.asker(request)}")]
    happened += [(glass.at, _broken(request, glass)) for glass in request.glass]
    happened += [(vote.at, f"{vote.voter.name} {_VOTED[vote.verdict]}") for vote in request.votes[:MOST_VOTES]]
    if request.decided is not None and request.decision is not Decision.BROKEN_GLASS:
        happened.append((request.decided.at, str(request.decision).capitalize()))
    if filing is not None:
        marks = ((filing.held_at, "Filed"), (filing.completed_at, "Sent"), (filing.ended_at, "Ended"))
        happened += [(at, what) for at, what in marks if at is not None]
    if closing := review.closing:
        happened.append((closing.at, f"Closed by {closing.by.name}: {_FOUND[closing.finding]}"))
    return [(brief_moment(at), shown(what, VALUE)) for at, what in sorted(happened, key=lambda one: one[0])]


def _broken(request: Request, glass: BreakGlassRecord) -> str:
    ticket = f", ticket {glass.ticket}" if glass.ticket else ""
    drill = " (drill)" if glass.drill else ""
    return f"{words.invoker(glass)} broke the glass{drill}{ticket}. {words.what_it_did(request, glass)}"


def _closed(review: Review) -> list[Part]:
    if review.closing is None:
        return []
    return [
        line(
            shown(f"Finding ({review.closing.by.name}): {review.closing.text}", CAUSE), weight="Bolder", separator=True
        )
    ]


def _finding_field() -> InputText:
    return InputText(
        id=TEXT,
        label=f"What you found (at least {LEAST_JUSTIFICATION} characters; everybody sees it)",
        placeholder="Whether it was an emergency, what was checked, and what follows from it",
        is_multiline=True,
        is_required=True,
        error_message="Please write what you found.",
        max_length=LONGEST_JUSTIFICATION,
    )


def _actions(request: Request, review: Review, *, closing: bool) -> list[Part]:
    if not review.is_open:
        return []
    if not closing:
        return [_button(request, Verb.REVIEW, "Close the review", style="positive")]
    return [
        _button(request, Verb.JUSTIFIED, "It was justified", style="positive"),
        _button(request, Verb.NOT_JUSTIFIED, "It was not justified", style="destructive"),
        _button(request, Verb.SHOW_REVIEW, "Back", associated_inputs="none"),
    ]


def _button(request: Request, verb: Verb, title: str, **look: str) -> ActionExecute:
    data = Button(verb, request.id, fingerprint_of(request)).data()
    return ActionExecute(title=title, verb=verb.value, data=data, **look)
