"""Sentences: what the state means, what comes next, and the reader's relation to the request."""

from typing import assert_never

from approvals.decide import why_nobody
from approvals.disagreement import disagreement, unlike_decided
from approvals.followed import operation_of
from approvals.order import Filing, FilingState
from approvals.people import Application
from approvals.problems import Passing
from approvals.quorum import is_decidable
from approvals.refusals import RequestorUnknown, SignInFirst
from approvals.request import CarryState, Decision, DecisionsMode, Execution, IntuneStatus, Request, Verdict, Vote
from cards import words
from cards.disagreements import sentence_on
from cards.outcomes import counted, outcome_unknown
from cards.problems import problem_sentence
from cards.refusals import refusal_sentence
from cards.reviewing import growth
from cards.rules import may_be_finished, why_no_approver_can, why_not_others, why_not_the_asker
from cards.sheet import Sheet
from cards.tallies import progress
from cards.text import Markup, joined, moment, shown
from cards.view import CardStep, View, Viewer
from cards.void import words_of

SENTENCE = 600


def outlook(sheet: Sheet) -> list[Markup]:
    """Return what the state means and what has to happen next."""
    request = sheet.request
    sentences: list[str] = []
    if wrong := disagreement(request):
        sentences.append(sentence_on(request, wrong))
    if request.filing is not None and not request.takes_votes:
        sentences += _ordered(request, request.filing)
    else:
        sentences += _undecided(request) if request.takes_votes else _decided(request)
    texts = [sheet.text(sentence, SENTENCE) for sentence in sentences if sentence]
    return [*texts, *_completion(request)]


def consequence(sheet: Sheet) -> list[Markup]:
    """Return what this person's vote would do."""
    request, view = sheet.request, sheet.view
    if view.step is CardStep.REJECT:
        sentences = ["A rejection decides at once and is final.", _carrying(request)]
    elif view.decides:
        sentences = ["Your approval decides.", _carrying(request)]
    else:
        sentences = [f"Your approval is counted; more are needed. Now: {progress(request)}."]
    return [sheet.text(" ".join(filter(None, sentences)), SENTENCE)]


def personal(sheet: Sheet) -> list[Markup]:
    """Return this reader's relation to the request, and what they can do."""
    text = _personal(sheet.request, sheet.view)
    return [sheet.text(text, SENTENCE)] if text else []


def _undecided(request: Request) -> list[str]:
    if not is_decidable(request):
        return [refusal_sentence(why_nobody(request))] if request.intune_status is IntuneStatus.NEEDS_APPROVAL else []
    refusal = why_no_approver_can(request, Verdict.APPROVE)
    unknown = isinstance(refusal, RequestorUnknown | SignInFirst)
    return [refusal_sentence(refusal) if refusal and unknown else "", _outgrown(request), _not_counted(request)]


def _outgrown(request: Request) -> str:
    """Return why earlier votes are void, if a group has grown."""
    more = request.outgrown
    return f"{growth(more.group, more.before, more.after)}: earlier votes are void." if more else ""


def _not_counted(request: Request) -> str:
    """Return why Intune's approval does not count as a vote, if the reason is the approval itself."""
    native, who = request.native, request.intune_approver
    if native is None or native.void is None or request.intune_status is not IntuneStatus.APPROVED:
        return ""
    return f"The approval{f' of {who.name}' if who else ''} in Intune does not count: {words_of(native.void)}."


def _decided(request: Request) -> list[str]:
    if request.intune_status is IntuneStatus.NEEDS_APPROVAL and unlike_decided(request) is None:
        return [_on_its_way(request)]
    if request.intune_status is IntuneStatus.COMPLETED:
        return [_followed(request)]
    return []


def _ordered(request: Request, filing: Filing) -> list[str]:
    """Return the state of an order that we file and complete ourselves."""
    if request.decision is Decision.WITHDRAWN:
        return [f"{words.asker(request)} took it back. Nothing was sent to Intune."]
    if not request.is_approved:
        return []
    match filing.state:
        case FilingState.WAITS | FilingState.CALLING:
            waits = request.carry_state is CarryState.WANTED
            return [_on_its_way(request)] if waits else ["It is being filed in Intune."]
        case FilingState.HELD if request.intune_status is IntuneStatus.NEEDS_APPROVAL:
            return [_on_its_way(request)]
        case FilingState.COMPLETED | FilingState.RAN:
            return [_followed(request)]
        case FilingState.LOST | FilingState.BLOCKED | FilingState.HELD | FilingState.COMPLETING:
            return _problem(request, filing)
        case FilingState.DROPPED:
            return _problem(request, filing)
        case _:
            assert_never(filing.state)


def _problem(request: Request, filing: Filing) -> list[str]:
    again = not isinstance(filing.problem, Passing | None) and may_be_finished(request)
    return [problem_sentence(filing.problem), "An approver can press Finish to try again." if again else ""]


def _followed(request: Request) -> str:
    if request.execution not in (Execution.NONE, Execution.SENT) and (told := counted(request)):
        return told
    match request.execution:
        case Execution.NONE | Execution.SENT:
            return f"Intune has taken it up. {_sent(request)}".strip()
        case Execution.RUNNING:
            return "Intune says that it is under way."
        case Execution.DONE:
            return "Intune says that it is done."
        case Execution.FAILED:
            return "Intune says that it has failed. Look at it in Intune."
        case Execution.UNKNOWN:
            return outcome_unknown(request)
        case _:
            assert_never(request.execution)


def _sent(request: Request) -> str:
    """Return what is awaited after sending."""
    order = operation_of(request)
    if order is None:
        return "Whether it worked is seen in Intune, not here."
    doubted = request.sent is not None and request.sent.doubted_at is not None
    which = "each device" if request.sent is not None and request.sent.devices else "the device"
    when = f"It happens when {which} is next in contact." if order.act.is_on_device else ""
    return f"{when} Nothing has shown yet that it has happened.".strip() if doubted else when


def _on_its_way(request: Request) -> str:
    """Return where the decision is between here and Intune."""
    carry = request.carry
    if carry is None or carry.state is CarryState.DONE:
        verdict = request.decision.verdict
        return f"Now an approver has to {verdict} it in Intune as well." if verdict else ""
    match carry.state:
        case CarryState.WANTED:
            return f"{carry.by.name} has to sign in, so that Intune can be told."
        case CarryState.CALLING:
            return f"{carry.by.name} is telling Intune."
        case CarryState.TROUBLED:
            return f"{problem_sentence(carry.problem)} Any approver can finish it."
        case _:
            assert_never(carry.state)


def _completion(request: Request) -> list[Markup]:
    """Return who must complete the approved request: approval alone does nothing. Intune's deadline shows in the
    reader's zone."""
    wrong = disagreement(request)
    if not request.is_approved or request.intune_status is not IntuneStatus.APPROVED or wrong or request.filing:
        return []
    does = "must send it again" if isinstance(request.requestor, Application) else "must press Complete in Intune"
    sentence = shown(f"Nothing has happened yet: {words.asker(request)} {does} by")
    return [joined(sentence, moment(request.intune_expires_at))]


def _carrying(request: Request) -> str:
    if request.filing is not None and request.decisions is DecisionsMode.TRACK:
        return "It is then filed in Intune, where an approver has to approve it as well."
    if request.filing is not None:
        return "It is then filed in Intune, approved there in your name, and carried out at once."
    if request.decisions is DecisionsMode.TRACK:
        return "It then has to be decided in Intune as well."
    return "Intune is told at once, in your name."


def _personal(request: Request, view: View) -> str:
    if view.sign_in_url:
        return "Please sign in, so that Intune can be told in your name. Your sign-in serves this one time only."
    if view.viewer is Viewer.VOTED:
        return _own_vote(view.own_vote)
    if not request.takes_votes or not is_decidable(request):
        return ""
    if view.viewer is Viewer.REQUESTOR:
        return why_not_the_asker(request)
    return why_not_others(request) if view.viewer is Viewer.BYSTANDER else ""


def _own_vote(vote: Vote | None) -> str:
    if vote is None:
        return "You have voted."
    return "You approved this." if vote.verdict is Verdict.APPROVE else "You rejected this."
