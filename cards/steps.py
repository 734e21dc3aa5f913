"""The steps behind the card: Approve and Reject once more, and the details."""

from typing import Any

from approvals.quorum import progress
from approvals.request import Request
from cards import words
from cards.actions import WITNESS_DIGITS, Button, Verb
from cards.elements import Container, Execute, Fact, FactSet, InputText, TextBlock
from cards.text import escape, shorten
from cards.view import Step, View

LONGEST_NOTE = 800
LONGEST_SCRIPT = 4000
MOST_DETAILS = 25


def second_step(request: Request, view: View) -> tuple[list[Any], list[Any]]:
    """Nobody approves by one tap: what is at stake, whether this vote decides, and a note."""
    approving = view.step is Step.APPROVE
    body = [
        Container(
            style="warning" if approving else "default",
            bleed=True,
            items=[TextBlock(text=words.loss(request), wrap=True, weight="Bolder")],
        ),
        FactSet(facts=_stake(request)),
        TextBlock(text=_consequence(request, view), wrap=True),
        _note(approving=approving),
    ]
    confirm = Verb.CONFIRM_APPROVE if approving else Verb.CONFIRM_REJECT
    return body, [
        _execute(
            request,
            confirm,
            "Yes, approve" if approving else "Yes, reject",
            style="positive" if approving else "destructive",
        ),
        _execute(request, Verb.BACK, "Back", associated_inputs="none"),
    ]


def details_step(request: Request, view: View) -> tuple[list[Any], list[Any]]:
    """What is reviewed, in full."""
    lines = [(fact.label, fact.value, fact.before) for fact in request.subject.facts]
    lines += [(label, value, "") for label, value in view.details]
    body: list[Any] = [FactSet(facts=[_line(*line) for line in lines[:MOST_DETAILS]])]
    if view.script:
        body += _script(view.script, request.subject.content_sha256)
    body.append(
        TextBlock(text=f"Request {request.id} · digest {request.digest[:WITNESS_DIGITS]}", isSubtle=True, size="Small")
    )
    return body, [_execute(request, Verb.BACK, "Back", associated_inputs="none")]


def _stake(request: Request) -> list[Any]:
    facts = [Fact(title="Asked by", value=words.asker(request))]
    return facts + [_line(fact.label, fact.value, fact.before) for fact in request.subject.facts[:6]]


def _line(label: str, value: str, before: str) -> Any:
    new, old = escape(value, words.NOTE), escape(before, words.NOTE)
    return Fact(title=escape(label, words.NAME), value=f"{old} → {new}" if old else new)


def _consequence(request: Request, view: View) -> str:
    if view.step is Step.REJECT:
        return "A rejection is final: nobody can approve this request afterwards."
    if view.decides:
        return "Your approval decides: it completes the quorum, and Intune is told in your name."
    return f"Your approval is counted, and more are needed. Now: {progress(request)}."


def _note(*, approving: bool) -> Any:
    if approving:
        return InputText(id="note", label="Note (optional)", multiline=True, max_length=LONGEST_NOTE)
    return InputText(
        id="note",
        label="Why do you reject it?",
        multiline=True,
        max_length=LONGEST_NOTE,
        required=True,
        error_message="Please say why, so that the person who asked knows what to change.",
    )


def _script(script: str, sha256: str) -> list[Any]:
    cut = len(script) > LONGEST_SCRIPT
    heading = "Script" + (f", the first {LONGEST_SCRIPT} characters of {len(script)}" if cut else "")
    lines = "\n\n".join(escape(line, 300) or " " for line in shorten(script, LONGEST_SCRIPT).splitlines())
    return [
        TextBlock(text=heading, weight="Bolder"),
        Container(style="emphasis", items=[TextBlock(text=lines, font_type="Monospace", wrap=True, size="Small")]),
        TextBlock(text=f"SHA-256 of what is reviewed: {sha256}", wrap=True, isSubtle=True, size="Small"),
    ]


def _execute(request: Request, verb: Verb, title: str, **properties: str) -> Any:
    button = Button(verb, request.id, request.digest[:WITNESS_DIGITS])
    return Execute(title=title, verb=verb.value, data=button.data(), **properties)
