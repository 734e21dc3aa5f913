"""The wording of refusals: one sentence for each reason, with the next step if there is one."""

from collections.abc import Sequence
from typing import assert_never

from approvals import refusals as why
from approvals.refusals import Refusal
from approvals.request import Decision
from cards.disagreements import sentence_of
from cards.problems import problem_sentence
from cards.reviewing import growth, parts


def hidden_sentence(hidden: Sequence[str]) -> str:
    """Return why nothing is sent to Intune while parts of what was reviewed cannot be read."""
    return (
        f"This cannot be read at the moment: {parts(hidden)}. Votes stand; nothing is sent to Intune until it can "
        "be read again and is still the same."
    )


def refusal_sentence(refusal: Refusal) -> str:  # noqa: C901, PLR0911, PLR0912  one case for each reason
    """Return the sentence; empty if nobody has to be told."""
    match refusal:
        case why.Closed():
            return f"This request is closed: {_closed_as(refusal)}."
        case why.NotWaiting(decision):
            return f"This request does not wait any more{f': {decision.word}' if decision else ''}."
        case why.Disagrees(disagreement):
            return sentence_of(disagreement)
        case why.DeadlinePassed(glass):
            ends = "the glass can no longer be broken on this request" if glass else "this request takes no more votes"
            return f"The deadline has passed; {ends}."
        case why.Changed():
            return "The request has changed since this card was drawn. Please read it again."
        case why.Grew(group, before, after):
            return f"{growth(group, before, after)} since this card was drawn. Please read it again."
        case why.EndedInIntune(completing):
            return f"Intune has ended this request{'' if completing else '; it takes no more decisions'}."
        case why.AskedAlone():
            return "The emergency process is asked for it at this moment."
        case why.WorkflowsClosed() | why.OwnRequest() | why.AccountInactive() | why.NotAnApprover():
            return _who(refusal)
        case why.RequestorUnknown() | why.SignInFirst() | why.NotYours() | why.BegunByAnother() | why.Lapsed():
            return _whose(refusal)
        case why.NothingWritten() | why.TooShort() | why.TooLong() | why.WrongName():
            return _written(refusal)
        case why.BadTicket():
            return "Please give the number of the ticket, as your company writes it."
        case why.WhichCustodian():
            return "This account is shared. Please say which of its custodians you are."
        case why.NothingToWithdraw():
            return "You have no vote on this request."
        case why.VotesAreFrozen(in_intune):
            if in_intune:
                return "You approved this in Intune; withdraw that approval instead."
            return "The request is decided; votes can no longer be withdrawn."
        case why.NothingToCarry():
            return "There is nothing left to tell Intune."
        case why.BeingCarried(by):
            return f"{by} is telling Intune right now."
        case why.NotFiled(problem):
            return problem_sentence(problem) or "This is not filed in Intune yet. Please try again."
        case why.NoApprovalToWithdraw():
            return "There is no approval in Intune that could be withdrawn."
        case why.Hidden(hidden):
            return hidden_sentence(hidden)
        case why.NotAsked() | why.FiledAlready() | why.NotApproved() | why.OutOfTime() | why.NothingToCancel():
            return _order(refusal)
        case why.NotARequester() | why.OutOfScope():
            return _asking(refusal)
        case why.ClaimedBefore(released):
            if released:
                return (
                    "You were looking at this until a moment ago, and others are asked now. Please decide if you can."
                )
            return "You are looking at this already. Please decide if you can."
        case why.AlreadyUrgent():
            return "It is urgent already."
        case why.NoEmergencyAccess(open_):
            return _no_emergency(is_open=open_)
        case why.BrokenAlready():
            return "The glass is broken already: one other person has to approve it now."
        case why.NotAlone():
            return ""
        case why.NoReview():
            return "There is no open review here."
        case why.HadPart(asked):
            did = "asked for this operation" if asked else "had a part in this emergency"
            return f"You {did}, so somebody else has to close its review."
        case why.NotAReviewer(groups):
            return f"Only members of {either(groups)} can close this review."
        case why.NotABrakePuller() | why.NoSuchBrake() | why.OtherWay() | why.RanForThem() | why.CountedAlready():
            return _brake(refusal)
        case _:
            assert_never(refusal)


def _closed_as(refusal: why.Closed) -> str:
    if refusal.decision is not Decision.OPEN:
        return refusal.decision.word
    return f"{refusal.intune_status} in Intune"


def _who(refusal: why.WorkflowsClosed | why.OwnRequest | why.AccountInactive | why.NotAnApprover) -> str:
    match refusal:
        case why.WorkflowsClosed(operations):
            if operations:
                return f"Approving here is switched off for {' and '.join(operations)}. Decide it in Intune."
            return "No approver group is configured for this kind of request. Decide it in Intune."
        case why.OwnRequest(glass):
            if glass:
                return "You broke the glass on this; one other person has to decide it."
            return "This is your own request; somebody else has to decide it."
        case why.AccountInactive(deed):
            cannot = {"approve": "approve here", "ask": "ask for this here", "break-glass": "break glass"}[deed]
            return f"Your account is disabled or a guest; it cannot {cannot}."
        case why.NotAnApprover(groups):
            return f"Only members of {either(groups)} can decide this."
        case _:
            assert_never(refusal)


def _whose(
    refusal: why.RequestorUnknown | why.SignInFirst | why.NotYours | why.BegunByAnother | why.Lapsed,
) -> str:
    match refusal:
        case why.RequestorUnknown(named):
            if named:
                return (
                    "The directory does not know who asked for this, so nobody can tell which other accounts are "
                    "theirs. It can only be approved in Intune."
                )
            return "Intune does not say who asked for this, so it can only be approved in Intune."
        case why.SignInFirst():
            return (
                "Intune does not say who asked for this. Please sign in, so that Intune can check that it was not you."
            )
        case why.NotYours():
            return "Only the one who asked for it can cancel it."
        case why.BegunByAnother():
            return "Only the person who began this can go on with it."
        case why.Lapsed(what):
            again = {
                "draft": "Nothing was asked for; please write the command again.",
                "prompt": "Nothing was done; please begin again.",
            }[what]
            return f"This has been open for too long, or was closed. {again}"
        case _:
            assert_never(refusal)


def _written(refusal: why.NothingWritten | why.TooShort | why.TooLong | why.WrongName) -> str:
    match refusal:
        case why.NothingWritten(purpose):
            return {
                "reject": "Please say why you reject this.",
                "urgent": "Please say why it cannot wait.",
                "brake": "Please say why, in words: everybody who is stopped reads it.",
            }[purpose]
        case why.TooShort(purpose, least):
            return {
                "order": f"Please say why, in at least {least} characters.",
                "emergency": f"Please say what the emergency is, in at least {least} characters of real text.",
                "review": f"Please write what you found, in at least {least} characters of real text.",
            }[purpose]
        case why.TooLong(purpose, length, most):
            return {
                "order": f"The reason has {length} characters; at most {most} fit. Please shorten it.",
                "emergency": f"The justification has {length} characters; at most {most} fit.",
                "review": f"That has {length} characters; at most {most} fit.",
            }[purpose]
        case why.WrongName(glass):
            if glass:
                return "The name that you typed is not the one of what this is about."
            return "The name that you typed is not the name of what this is about. Nothing was asked for."
        case _:
            assert_never(refusal)


def _order(
    refusal: why.NotAsked | why.FiledAlready | why.NotApproved | why.OutOfTime | why.NothingToCancel,
) -> str:
    match refusal:
        case why.NotAsked():
            return "This was not asked for in chat, so nothing is filed for it here."
        case why.FiledAlready():
            return "It has been filed already, or was given up."
        case why.NotApproved(completing, in_intune):
            if in_intune:
                return "Intune has not approved it."
            if completing:
                return "It is not approved here, or not held in Intune."
            return "It is not approved here, so it is not filed."
        case why.OutOfTime():
            return "Its time is over."
        case why.NothingToCancel(state, intune_status):
            return {
                "sending": "It is being sent to Intune right now. Please try again in a minute.",
                "completing": "It is being carried out right now.",
                "sent": "It has been sent, or is over; nothing is left to cancel.",
                "ended": f"It is over: {intune_status} in Intune.",
            }[state]
        case _:
            assert_never(refusal)


def _asking(refusal: why.NotARequester | why.OutOfScope) -> str:
    match refusal:
        case why.NotARequester(operation, groups):
            if not groups:
                return f"Nobody may ask for {operation} in chat: the configuration names no requester groups."
            return f"Only members of {either(groups)} may ask for {operation} in chat."
        case why.OutOfScope(operation, groups, unknown):
            doubt = f" The directory does not know {' and '.join(unknown)}." if unknown else ""
            return f"{operation} can be asked for in chat only within {either(groups)}.{doubt}"
        case _:
            assert_never(refusal)


def _no_emergency(*, is_open: bool) -> str:
    if is_open:
        return "Your account is not one of those that may break glass."
    return "Emergency access is switched off here. An approver, or a second administrator in Intune, has to decide."


def _brake(
    refusal: why.NotABrakePuller | why.NoSuchBrake | why.OtherWay | why.RanForThem | why.CountedAlready,
) -> str:
    match refusal:
        case why.NotABrakePuller():
            return "Only approvers can pause, resume and unlock."
        case why.NoSuchBrake(wanted, policy_type):
            return {
                "pause": "Nothing is paused.",
                "lock": f"Nothing of the type {policy_type} is locked.",
                "store": "The store is not in doubt: there is nothing to accept.",
            }[wanted]
        case why.OtherWay(in_teams, at_shell):
            if not in_teams:
                return f"This is no lock. An operator who has looked at the store runs {at_shell}."
            return f"This is no lock. To lift it, write {in_teams}, or run {at_shell}."
        case why.RanForThem(policy_type):
            return f"You asked for what ran. Another approver has to look at it and write /unlock {policy_type}."
        case why.CountedAlready(operator):
            if operator:
                return "An operator wants it resumed already. It takes an approver: they write /resume in Teams."
            return "You want it resumed already. It takes another approver: they write /resume as well."
        case _:
            assert_never(refusal)


def either(groups: tuple[str, ...]) -> str:
    """Join groups of which any one suffices."""
    return " or ".join(groups) or "nobody"
