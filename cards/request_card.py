"""The card of a request: one function draws every state, for every reader, at every step."""

from typing import Any

from approvals.carry import VERDICT_OF
from approvals.decide import approver_group_names, why_nobody
from approvals.lifecycle import Disagreement, disagreement
from approvals.quorum import is_decidable, progress
from approvals.request import (
    CarryState,
    Decision,
    DecisionsMode,
    IntuneStatus,
    Request,
    Source,
    Verdict,
    Vote,
)
from cards import words
from cards.actions import WITNESS_DIGITS, Button, Verb
from cards.elements import Card, Container, Execute, Fact, FactSet, OpenUrl, Refresh, TextBlock, to_dict
from cards.steps import details_step, second_step
from cards.text import escape, moment
from cards.view import Step, View, Viewer

JUSTIFICATION = 800
MOST_FACTS = 12
MOST_VOTES = 12

_EXPECTED = {
    Disagreement.APPROVED_HERE_OPEN_IN_INTUNE,
    Disagreement.REJECTED_HERE_OPEN_IN_INTUNE,
    Disagreement.EXPIRED_HERE_OPEN_IN_INTUNE,
}
"""On the way, or harmless: said in the status line rather than in a warning."""


def draw(request: Request, view: View, portal_url: str) -> dict[str, Any]:
    """The card as this reader sees it; `portal_url` is Intune's own page of requests."""
    if view.step in (Step.APPROVE, Step.REJECT):
        body, actions = second_step(request, view)
    elif view.step is Step.DETAILS:
        body, actions = details_step(request, view)
    else:
        body, actions = _body(request, view), _actions(request, view, portal_url)
    card = Card([*_notice(view), *_head(request), *body], actions, words.summary(request))
    if view.step is Step.REQUEST and request.takes_votes and view.refresh_for:
        card.refresh = Refresh(action=_execute(request, Verb.REFRESH, "Refresh"), user_ids=list(view.refresh_for))
    drawn: dict[str, Any] = to_dict(card)
    return drawn


def _notice(view: View) -> list[Any]:
    if not view.notice:
        return []
    return [Container(style="accent", bleed=True, items=[TextBlock(text=view.notice, wrap=True, weight="Bolder")])]


def _head(request: Request) -> list[Any]:
    return [
        TextBlock(text=words.operation(request), isSubtle=True, size="Small", wrap=True),
        TextBlock(text=words.title(request), size="Large", weight="Bolder", wrap=True, spacing="None"),
    ]


def _body(request: Request, view: View) -> list[Any]:
    return [
        _status(request),
        *_warning(request),
        _facts(request),
        TextBlock(text=_times(request), wrap=True, size="Small", isSubtle=True),
        *_loss(request),
        *[_vote(request, vote) for vote in request.votes[:MOST_VOTES]],
        *_for_reader(request, view),
    ]


def _status(request: Request) -> Any:
    sign, word, sentence, colour = _state(request)
    lines = [TextBlock(text=f"{sign} {word}", weight="Bolder", color=colour, wrap=True)]
    if sentence:
        lines.append(TextBlock(text=sentence, wrap=True, spacing="None"))
    return Container(items=lines, spacing="Small")


def _state(request: Request) -> tuple[str, str, str, str]:
    """Sign, word, sentence and colour; the word alone says it all."""
    if request.decision is Decision.APPROVED:
        return _approved_state(request)
    if request.decision is Decision.REJECTED:
        still_open = request.intune_status is IntuneStatus.NEEDS_APPROVAL
        sentence = f"{Disagreement.REJECTED_HERE_OPEN_IN_INTUNE.sentence} {_carry(request)}" if still_open else ""
        return "✕", "Rejected", sentence.strip(), "Attention"
    if request.decision is Decision.EXPIRED:
        still_open = request.intune_status is IntuneStatus.NEEDS_APPROVAL
        return "⌛", "Expired", Disagreement.EXPIRED_HERE_OPEN_IN_INTUNE.sentence if still_open else "", "Default"
    if request.decision is Decision.WITHDRAWN:
        return "—", "Withdrawn", "It was cancelled in Intune.", "Default"
    if request.takes_votes and is_decidable(request):
        return "●", "Waiting for approval", f"{progress(request)}.", "Accent"
    return "●", "Not decided here", "" if request.ended_in_intune else why_nobody(request), "Default"


def _approved_state(request: Request) -> tuple[str, str, str, str]:
    if request.intune_status is IntuneStatus.COMPLETED:
        return "✓", "Completed", "Intune has taken the operation up.", "Good"
    if request.intune_status is IntuneStatus.APPROVED:
        where = " in the portal" if request.decided_in is Source.PORTAL else ""
        until = moment(request.intune_expires_at)
        sentence = (
            f"{words.asker(request)} now has to press Complete in Intune, until {until}. Before that nothing happens."
        )
        return "✓", f"Approved{where}, not yet completed", sentence, "Good"
    if request.intune_status is IntuneStatus.NEEDS_APPROVAL and not request.changed_after_decision:
        return "✓", "Approved here, not yet in Intune", _carry(request), "Warning"
    return "✓", "Approved here", "", "Warning"


def _carry(request: Request) -> str:
    """Where the decision is on its way to Intune."""
    carry = request.carry
    who = escape(carry.by.name, words.NAME) if carry.by else "Somebody"
    if carry.state is CarryState.WANTED:
        return f"Waiting for {who} to sign in, so that Intune can be told."
    if carry.state is CarryState.CALLING:
        return f"{who} is telling Intune."
    if carry.state is CarryState.TROUBLED:
        return f"{carry.problem} Anybody who may vote can finish it."
    if request.decisions is DecisionsMode.TRACK:
        return f"Now an approver has to {VERDICT_OF[request.decision].value} it in Intune as well."
    return ""


def _warning(request: Request) -> list[Any]:
    wrong = disagreement(request)
    if wrong is None or wrong in _EXPECTED:
        return []
    style = "attention" if wrong.dangerous else "warning"
    lines = [TextBlock(text=f"⚠ {wrong.value.capitalize()}", weight="Bolder", wrap=True)]
    lines.append(TextBlock(text=wrong.sentence, wrap=True, spacing="None"))
    return [Container(style=style, bleed=True, items=lines)]


def _facts(request: Request) -> Any:
    lines = [
        ("Asked by", words.asker(request)),
        ("Reason", escape(request.justification, JUSTIFICATION) or "none given"),
    ]
    for fact in request.subject.facts[:MOST_FACTS]:
        value = escape(fact.value, words.NOTE)
        before = escape(fact.before, words.NOTE)
        lines.append((escape(fact.label, words.NAME), f"{before} → {value}" if before else value))
    hidden = len(request.subject.facts) - MOST_FACTS
    if hidden > 0:
        lines.append(("More", f"{hidden} more lines under Details"))
    return FactSet(facts=[Fact(title=label, value=value) for label, value in lines])


def _times(request: Request) -> str:
    filed = f"Filed {moment(request.filed_at)}"
    if request.takes_votes:
        return (
            f"{filed} · decide here by {moment(request.deadline)} · Intune ends it {moment(request.intune_expires_at)}"
        )
    if request.decided_at is not None:
        return f"{filed} · {words.state(request)} {moment(request.decided_at)}"
    return filed


def _loss(request: Request) -> list[Any]:
    if not request.takes_votes:
        return []
    return [TextBlock(text=words.loss(request), wrap=True)]


def _vote(request: Request, vote: Vote) -> Any:
    sign, word = ("✓", "Approved") if vote.verdict is Verdict.APPROVE else ("✕", "Rejected")
    names = [group.name for flow in request.workflows for group in flow.groups if group.id in vote.groups]
    seat = f" ({escape(', '.join(dict.fromkeys(names)), words.NAME)})" if names else ""
    where = " in the portal" if vote.source is Source.PORTAL else ""
    note = f": {escape(vote.note, words.NOTE)}" if vote.note else ""
    text = f"{sign} {word}{where} by **{escape(vote.voter.name, words.NAME)}**{seat} {moment(vote.at)}{note}"
    return TextBlock(text=text, wrap=True, spacing="Small")


def _for_reader(request: Request, view: View) -> list[Any]:
    """What this reader can do about it, where that is not plain from the buttons."""
    text = ""
    if view.sign_in_url:
        text = "Please sign in, so that Intune can be told in your name. Nothing else is done with your sign-in."
    elif request.takes_votes and view.viewer is Viewer.REQUESTOR:
        text = "This is your own request; somebody else has to decide it."
    elif request.takes_votes and view.viewer is Viewer.BYSTANDER and is_decidable(request):
        text = f"Members of {escape(approver_group_names(request), words.NOTE)} can decide this."
    return [TextBlock(text=text, wrap=True, separator=True)] if text else []


def _actions(request: Request, view: View, portal_url: str) -> list[Any]:
    buttons = []
    if view.sign_in_url:
        buttons.append(OpenUrl(title="Sign in", url=view.sign_in_url, style="positive"))
    elif request.takes_votes and is_decidable(request):
        buttons += _vote_buttons(request, view)
    if _may_finish(request, view):
        buttons.append(_execute(request, Verb.FINISH, "Finish"))
    if _may_cancel(request, view):
        buttons.append(_execute(request, Verb.CANCEL_APPROVAL, "Withdraw the approval in Intune", style="destructive"))
    if not request.ended_in_intune:
        buttons.append(_execute(request, Verb.DETAILS, "Details"))
    return [*buttons, OpenUrl(title="Open in Intune", url=portal_url)]


def _vote_buttons(request: Request, view: View) -> list[Any]:
    approve = _execute(request, Verb.APPROVE, "Approve", style="positive")
    reject = _execute(request, Verb.REJECT, "Reject", style="destructive")
    if view.viewer is Viewer.VOTED:
        return [_execute(request, Verb.WITHDRAW, "Withdraw my vote"), reject]
    return [approve, reject] if view.viewer in (Viewer.EVERYONE, Viewer.ELIGIBLE) else []


def _may_finish(request: Request, view: View) -> bool:
    waiting = request.carry.state in (CarryState.WANTED, CarryState.TROUBLED)
    able = view.viewer not in (Viewer.REQUESTOR, Viewer.BYSTANDER) and not view.sign_in_url
    return waiting and able and not request.changed_after_decision and not request.ended_in_intune


def _may_cancel(request: Request, view: View) -> bool:
    wrong = disagreement(request)
    dangerous = request.intune_status is IntuneStatus.APPROVED and wrong is not None and wrong.dangerous
    return dangerous and view.viewer not in (Viewer.REQUESTOR, Viewer.BYSTANDER) and not view.sign_in_url


def _execute(request: Request, verb: Verb, title: str, **properties: str) -> Any:
    button = Button(verb, request.id, request.digest[:WITNESS_DIGITS])
    return Execute(title=title, verb=verb.value, data=button.data(), **properties)
