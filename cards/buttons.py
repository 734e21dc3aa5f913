"""The buttons for a reader: only those that have an effect in the current state."""

from typing import assert_never

from approvals import asking
from approvals.disagreement import unlike_decided
from approvals.quorum import is_decidable
from approvals.refusals import SignInFirst
from approvals.request import DecisionsMode, IntuneStatus, Request, Source, Verdict
from cards.actions import Verb
from cards.elements import ActionExecute, ActionOpenUrl
from cards.rules import approval_may_be_cancelled, may_be_finished, why_no_approver_can
from cards.sheet import Sheet
from cards.view import CardStep, Viewer

Action = ActionExecute | ActionOpenUrl

_MAY_VOTE = frozenset({Viewer.EVERYONE, Viewer.ELIGIBLE})
_MAY_FINISH = _MAY_VOTE | {Viewer.VOTED}


def buttons(sheet: Sheet) -> list[Action]:
    """Return the buttons under the card, the most important first."""
    match sheet.view.step:
        case CardStep.APPROVE:
            confirm = sheet.button(Verb.CONFIRM_APPROVE, f"Approve {_it(sheet)}", style="positive")
            return [confirm, _back(sheet)]
        case CardStep.REJECT:
            confirm = sheet.button(Verb.CONFIRM_REJECT, f"Reject {_it(sheet)}", style="destructive")
            return [confirm, _back(sheet)]
        case CardStep.URGENT:
            return [sheet.button(Verb.MAKE_URGENT, "Make it urgent", style="positive"), _back(sheet)]
        case CardStep.DETAILS:
            return [_back(sheet), *_hurry(sheet), *_break_glass(sheet), *_portal(sheet)]
        case CardStep.REQUEST:
            return [*_deciding(sheet), *_claim(sheet), sheet.button(Verb.DETAILS, "Details"), *_portal(sheet)]
        case _:
            assert_never(sheet.view.step)


def page_buttons(sheet: Sheet) -> list[Action]:
    """Return the buttons that page through a long list. They stand under that list: Teams shows six buttons in a row
    (atc0005/go-teams-notify#161), and an overflow menu (`mode` "secondary") differs between its clients
    (MicrosoftDocs/msteams-docs#9223)."""
    shown = sheet.view.devices
    if shown is None:
        return []
    ways = [("Previous", shown.page - 1)] if shown.page else []
    ways += [("Next", shown.page + 1)] if shown.page + 1 < shown.pages else []
    return [sheet.button(Verb.DETAILS, title, page=page) for title, page in ways]


def _deciding(sheet: Sheet) -> list[Action]:
    return [*_sign_in(sheet), *_cancel_approval(sheet), *_finish(sheet), *_vote(sheet), *_cancel(sheet)]


def _vote(sheet: Sheet) -> list[Action]:
    request, view = sheet.request, sheet.view
    if view.viewer is Viewer.VOTED and request.takes_votes:
        from_here = view.own_vote is None or view.own_vote.source is Source.CARD
        return [sheet.button(Verb.WITHDRAW, "Withdraw my vote")] if from_here else []
    if view.viewer not in _MAY_VOTE:
        return []
    offered = (
        (Verdict.APPROVE, sheet.button(Verb.APPROVE, "Approve", style="positive")),
        (Verdict.REJECT, sheet.button(Verb.REJECT, "Reject", style="destructive")),
    )
    return [button for verdict, button in offered if _counts(request, verdict)]


def _counts(request: Request, verdict: Verdict) -> bool:
    """Return whether such a vote would count, possibly after a sign-in."""
    refusal = why_no_approver_can(request, verdict)
    return refusal is None or isinstance(refusal, SignInFirst)


def _sign_in(sheet: Sheet) -> list[Action]:
    url = sheet.view.sign_in_url
    return [ActionOpenUrl(title="Sign in", url=url, style="positive")] if url else []


def _finish(sheet: Sheet) -> list[Action]:
    wanted = sheet.view.viewer in _MAY_FINISH and not sheet.view.sign_in_url
    return [sheet.button(Verb.FINISH, "Finish", style="positive")] if wanted and may_be_finished(sheet.request) else []


def _cancel_approval(sheet: Sheet) -> list[Action]:
    if sheet.view.viewer not in _MAY_FINISH or sheet.view.sign_in_url or not approval_may_be_cancelled(sheet.request):
        return []
    return [sheet.button(Verb.CANCEL_APPROVAL, "Withdraw this approval in Intune", style="destructive")]


def _cancel(sheet: Sheet) -> list[Action]:
    if sheet.view.viewer is not Viewer.REQUESTOR or not asking.may_be_cancelled(sheet.request):
        return []
    return [sheet.button(Verb.CANCEL, "Cancel this request", style="destructive")]


def _claim(sheet: Sheet) -> list[Action]:
    """Return the claim button while votes are awaited. In the on-call chat it also prevents paging the next person."""
    request, view = sheet.request, sheet.view
    if not (request.takes_votes and is_decidable(request)) or not (view.viewer in _MAY_VOTE or view.paged):
        return []
    wanted = view.viewer is Viewer.ELIGIBLE or view.paged or view.on_call or request.reminders.climbed > 0
    return [sheet.button(Verb.CLAIM, "I am looking at this")] if wanted and not view.sign_in_url else []


def _hurry(sheet: Sheet) -> list[Action]:
    waits = sheet.request.takes_votes and is_decidable(sheet.request) and not sheet.request.urgent
    eligible = sheet.view.viewer in (Viewer.ELIGIBLE, Viewer.VOTED)
    return [sheet.button(Verb.URGENT, "It cannot wait")] if waits and eligible else []


def _break_glass(sheet: Sheet) -> list[Action]:
    wanted = sheet.view.may_break and sheet.request.takes_votes
    return [sheet.button(Verb.GLASS, "Break glass", style="destructive")] if wanted else []


def _it(sheet: Sheet) -> str:
    """Return the end of the confirm button's title; a bulk request shows its number of devices there."""
    subject = sheet.request.subject
    return f"for {subject.device_count} devices" if subject.is_bulk else "now"


def _back(sheet: Sheet) -> Action:
    """Return the Back button, which works while a required note is still empty."""
    return sheet.button(Verb.BACK, "Back", associated_inputs="none")


def _portal(sheet: Sheet) -> list[Action]:
    url, unfiled = sheet.view.portal_url, sheet.request.filing is not None and sheet.request.intune_id is None
    return [ActionOpenUrl(title=_portal_title(sheet), url=url)] if url and not unfiled else []


def _portal_title(sheet: Sheet) -> str:
    """Return the title of the portal button: this reader's next step there, if there is one."""
    request = sheet.request
    if request.is_approved and unlike_decided(request) is None:
        waits = request.intune_status is IntuneStatus.NEEDS_APPROVAL
        if waits and request.decisions is DecisionsMode.TRACK:
            return "Approve in Intune"
        if request.intune_status is IntuneStatus.APPROVED and sheet.view.viewer is Viewer.REQUESTOR:
            return "Complete in Intune"
    if request.intune_status is IntuneStatus.NEEDS_APPROVAL and request.takes_votes and not is_decidable(request):
        return "Decide in Intune"
    return "Open in Intune"
