"""Lines about a request: for its thread, for alarms, for reminders, and for one person.

The text is plain, without Markdown.
"""

from collections.abc import Callable, Mapping, Sequence

from approvals.disagreement import Disagreement, disagreement
from approvals.effects import NotificationKind
from approvals.emergency import Finding, Way
from approvals.request import Decision, IntuneStatus, Request, Verdict
from cards import words
from cards.causes import causes_told
from cards.disagreements import sentence_of, sentence_on
from cards.outcomes import counted, nothing_shows, outcome_unknown
from cards.problems import problem_sentence
from cards.reviewing import growth
from cards.rules import is_out_of_time, may_be_finished
from cards.status import status_of
from cards.tallies import progress
from cards.text import listed, moment_utc, plain
from cards.void import words_of

MOST = 10
"""Maximum requests in one reminder."""

DRILLED = "Drill: everybody is told so, and a review is open. Nothing was done."
ONLY_APPROVERS = "Only approvers can do this."


def summary(request: Request) -> str:
    """Return the text of a notification."""
    line = f"{status_of(request).word}: {words.title_of(request)}, requested by {words.asker(request)}"
    return f"{line} ({plain(progress(request), words.TITLE)})" if request.takes_votes else line


def reply(request: Request, notification: NotificationKind) -> str:
    """Return one line for the thread under the card."""
    return _LINES[notification](request)


def ask(request: Request) -> str:
    """Return one line under a new card, after the names of those who can help."""
    return f"{words.title_of(request)} waits for you until {moment_utc(request.deadline)}."


def alarm(request: Request, notification: NotificationKind) -> str:
    """Return one line for the operations channel, which has no card beside it."""
    asked = f"{words.title_of(request)}, requested by {words.asker(request)}"
    return f"Alarm: {asked}. {_LINES[notification](request)} (request {request.id})"


def tell(request: Request, notification: NotificationKind) -> str:
    """Return one private line for the person who asked, or for one whose vote no longer counts."""
    if notification is NotificationKind.APPROVED and request.filing is None and not request.ended_in_intune:
        line = (
            f"approved. Nothing happens until you press Complete in Intune, by {moment_utc(request.intune_expires_at)}."
        )
    else:
        line = _LINES[notification](request)
    return f"{words.title_of(request)}: {line}"


def list_of(requests: Sequence[Request]) -> str:
    """Return a reminder of waiting requests, the earliest deadline first."""
    ordered = sorted(requests, key=lambda request: request.deadline)
    if len(ordered) == 1:
        return tell(ordered[0], NotificationKind.WAITS)
    lines = [
        f"{words.title_of(one)}, requested by {words.asker(one)}, by {moment_utc(one.deadline)}"
        for one in ordered[:MOST]
    ]
    lines += [f"and {len(ordered) - MOST} more"] if len(ordered) > MOST else []
    return f"{len(ordered)} requests wait for approval: {'; '.join(lines)}. /pending lists them."


def lost(requests: Sequence[Request]) -> str:
    """Return one alarm for all these requests, each of which lost a card."""
    if len(requests) == 1:
        return alarm(requests[0], NotificationKind.COPY_LOST)
    titles = [f"{words.title_of(one)} (request {one.id})" for one in requests[:MOST]]
    titles += [f"and {len(requests) - MOST} more"] if len(requests) > MOST else []
    return (
        f"Alarm: cards of {len(requests)} requests were deleted or can no longer be edited: {'; '.join(titles)}. What "
        "still waits is posted again."
    )


def _settled(request: Request) -> str:
    """Return the line that replaces a late reminder: nobody has to act any more."""
    return f"It does not wait any more: {status_of(request).word}."


def _waits(request: Request) -> str:
    if not request.takes_votes:
        return _settled(request)
    urgent = " It is urgent." if request.urgent else ""
    return f"Still waits: {plain(progress(request), words.TITLE)}.{urgent} Decide by {moment_utc(request.deadline)}."


def _claimed(request: Request) -> str:
    claim = request.reminders.claim
    return (
        f"{plain(claim.by.name, words.NAME)} is looking at this until {moment_utc(claim.until)}."
        if claim
        else "Released."
    )


def _paged(request: Request) -> str:
    if not request.reminders.paged:
        return "Nobody is paged."
    if not request.takes_votes:
        return _settled(request)
    who = plain(request.reminders.paged[-1].name, words.NAME)
    return f"{who}, you are on call. {_waits(request)} Please decide, or press I am looking at this."


def _glass_broken(request: Request) -> str:
    if not request.glass:
        return "The glass was not broken."
    glass = request.glass[-1]
    drill = "DRILL: " if glass.drill or request.drill else ""
    line = f"{drill}{words.invoker(glass)} broke the glass: {plain(glass.why, words.REASON)}"
    end = "" if line.endswith((".", "!", "?")) else "."
    calls = glass.way is Way.ESCALATED and not glass.drill and request.takes_votes
    until = f" Decide by {moment_utc(request.deadline)}." if calls else ""
    return f"{line}{end} {words.what_it_did(request, glass)}{until}"


def _review(request: Request) -> str:
    review = request.review
    if review is None:
        return "There is no review."
    if closing := review.closing:
        said = "justified" if closing.finding is Finding.JUSTIFIED else "not justified"
        return f"Reviewed by {plain(closing.by.name, words.NAME)}: {said}. {plain(closing.text, words.REASON)}"
    drill = "Drill. " if review.drill else ""
    causes = plain(causes_told(review.causes), words.REASON)
    return f"{drill}This emergency needs a review by {moment_utc(review.due)}: {causes}"


def _overdue(request: Request) -> str:
    review = request.review
    if review is None or not review.is_open:
        return _review(request)
    return (
        f"The review of this emergency is overdue since {moment_utc(review.due)}. Until it is closed, whoever broke "
        "the glass can only call for a second person."
    )


def _approved(request: Request) -> str:
    broken = request.broken_by
    line = f"Approved by {words.invoker(broken)} with break-glass." if broken else _approved_by(request)
    if request.filing is not None:
        return f"{line} It is filed and completed from here."
    if request.ended_in_intune:
        return f"{line} By now Intune says: {request.intune_status}."
    return (
        f"{line} Nothing has happened yet: {words.asker(request)} must press Complete in Intune "
        f"by {moment_utc(request.intune_expires_at)}."
    )


def _approved_by(request: Request) -> str:
    return f"Approved by {_voters(request, Verdict.APPROVE)}."


def _rejected(request: Request) -> str:
    votes = [vote for vote in request.votes if vote.verdict is Verdict.REJECT]
    if not votes:
        return "Rejected in Intune."
    reason = plain(votes[-1].note, words.REASON)
    return f"Rejected by {_voters(request, Verdict.REJECT)}{f': {reason}' if reason else '.'}"


def _expired(request: Request) -> str:
    wrong = disagreement(request)
    line = f"Expired with {plain(progress(request), words.TITLE)}."
    return f"{line} {sentence_of(wrong)}" if wrong else line


def _decided_elsewhere(request: Request) -> str:
    wrong = disagreement(request)
    by = f" by {plain(request.intune_approver.name, words.NAME)}" if request.intune_approver else ""
    if wrong is not None and wrong.dangerous:
        return f"Approved in Intune{by}. {sentence_of(wrong)}"
    if wrong is Disagreement.APPROVED_HERE_ENDED_IN_INTUNE:
        return f"{str(request.intune_status).capitalize()} in Intune. {sentence_of(wrong)}"
    if request.filing is not None and request.intune_status is IntuneStatus.CANCELLED:
        return "Cancelled in Intune, so it is not carried out."
    if request.decision is Decision.WITHDRAWN:
        return "Withdrawn in Intune by the one who asked."
    what = request.decision if request.decision is not Decision.OPEN else request.intune_status
    return f"{str(what).capitalize()} in Intune{by}."


def _waits_for_one(request: Request) -> str:
    if request.takes_votes:
        return f"One more person is needed: {plain(progress(request), words.TITLE)}."
    if request.decision.verdict is None or request.intune_status not in (None, IntuneStatus.NEEDS_APPROVAL):
        return _settled(request)
    what = "approval" if request.is_approved else "rejection"
    problem = plain(problem_sentence(request.carry.problem), words.REASON) if request.carry else ""
    told = f" {problem}" if problem else ""
    return f"Intune has not been told of the {what} yet.{told} An approver can press Finish on the card."


def _in_danger(request: Request) -> str:
    wrong = disagreement(request)
    return sentence_on(request, wrong) if wrong else f"It is settled meanwhile: {status_of(request).word}."


def _group_grew(request: Request) -> str:
    more = request.outgrown
    if more is None:
        return "A group that it reaches has grown a lot. Votes that were given before are void; please read it again."
    told = plain(growth(more.group, more.before, more.after), words.TITLE)
    return f"{told}. Votes that were given before are void; please read it again."


def _policy_change(_request: Request) -> str:
    return "It changes who has to approve what in Intune. Make sure that this is meant."


def _native_void(request: Request) -> str:
    native = request.native
    if native is None or native.void is None:
        return "Your approval in Intune counts again."
    line = f"Your approval in Intune does not count here: {words_of(native.void)}."
    if request.takes_votes:
        return f"{line} Please read it again; if it is right as it is now, press Approve on the card."
    return f"{line} An approver can press Finish on the card." if may_be_finished(request) else line


def _held(request: Request) -> str:
    waits = request.intune_status is IntuneStatus.NEEDS_APPROVAL
    return f"Filed in Intune. {'Now an approver has to approve it there as well.' if waits else _settled(request)}"


def _blocked(request: Request) -> str:
    problem = plain(problem_sentence(request.filing.problem), words.REASON) if request.filing else ""
    line = problem or "It is held up on its way to Intune."
    return f"{line} An approver can press Finish on the card." if may_be_finished(request) else line


def _failed(request: Request) -> str:
    told = counted(request)
    return f"It has failed, says Intune.{f' {told}' if told else ''} Look at it there."


def _dropped(request: Request) -> str:
    if is_out_of_time(request):
        return "It could not be filed in Intune in time. If it is still needed, it has to be asked for again."
    return f"Cancelled by {words.asker(request)}."


def _complete_soon(request: Request) -> str:
    if request.filing is not None:
        return f"It is completed from here. Now: {status_of(request).word}."
    return (
        f"it is approved, and nothing has happened yet. Press Complete in Intune by "
        f"{moment_utc(request.intune_expires_at)}, or it ends there."
    )


def _copy_lost(request: Request) -> str:
    line = "A card of this request was deleted or can no longer be edited."
    return f"{line} It is posted again." if request.takes_votes else line


def _copy_unnamed(_request: Request) -> str:
    return (
        "Teams took its card several times and never said as which message. Those cards stand in Teams and show what "
        "held when they were posted; one is kept true as soon as somebody presses a button on it."
    )


def _voters(request: Request, verdict: Verdict) -> str:
    return (
        listed(plain(vote.voter.name, words.NAME) for vote in request.votes if vote.verdict is verdict) or "nobody here"
    )


_LINES: Mapping[NotificationKind, Callable[[Request], str]] = {
    NotificationKind.APPROVED: _approved,
    NotificationKind.REJECTED: _rejected,
    NotificationKind.EXPIRED: _expired,
    NotificationKind.DECIDED_ELSEWHERE: _decided_elsewhere,
    NotificationKind.WAITS_FOR_ONE: _waits_for_one,
    NotificationKind.VOTES_VOID: lambda _: (
        "The request was changed in Intune. Earlier votes are void; please read it again."
    ),
    NotificationKind.MORE_READABLE: lambda _: (
        "More of this request can be read now than when people voted. Earlier votes are void; please read it again."
    ),
    NotificationKind.GROUP_GREW: _group_grew,
    NotificationKind.GROWN_AFTER_DECISION: _in_danger,
    NotificationKind.ASKED_ANEW: lambda request: f"Your vote is void. {_glass_broken(request)}",
    NotificationKind.VOTE_FELL: lambda _: (
        "Your vote does not count any more, because you may not decide this request now."
    ),
    NotificationKind.NATIVE_VOID: _native_void,
    NotificationKind.BELOW_QUORUM: _in_danger,
    NotificationKind.APPROVED_AFTER_END: _in_danger,
    NotificationKind.CHANGED_AFTER_DECISION: _in_danger,
    NotificationKind.APPROVED_FOR_OTHER_CONTENT: _in_danger,
    NotificationKind.POLICY_CHANGE: _policy_change,
    NotificationKind.UNKNOWN_STATUS: _in_danger,
    NotificationKind.COPY_LOST: _copy_lost,
    NotificationKind.COPY_UNNAMED: _copy_unnamed,
    NotificationKind.HELD: _held,
    NotificationKind.BLOCKED: _blocked,
    NotificationKind.SENT: lambda _: "Approved in Intune and sent. This card follows it until it has happened.",
    NotificationKind.DONE: lambda request: f"Done, says Intune. {counted(request)}".strip(),
    NotificationKind.FAILED: _failed,
    NotificationKind.NOTHING_SHOWS: nothing_shows,
    NotificationKind.OUTCOME_UNKNOWN: outcome_unknown,
    NotificationKind.DROPPED: _dropped,
    NotificationKind.COMPLETE_SOON: _complete_soon,
    NotificationKind.RAN_UNHELD: _in_danger,
    NotificationKind.WRONG_APPROVER: _in_danger,
    NotificationKind.WAITS: _waits,
    NotificationKind.URGENT: lambda request: (
        f"It cannot wait. {_waits(request)}" if request.takes_votes else _settled(request)
    ),
    NotificationKind.CLAIMED: _claimed,
    NotificationKind.PAGED: _paged,
    NotificationKind.NOBODY_ANSWERS: lambda request: f"Nobody on call has answered. {_waits(request)}",
    NotificationKind.GLASS_BROKEN: _glass_broken,
    NotificationKind.STORE_WENT_BACK: lambda _: (
        "Countersign's store went back a little. A vote that was given here just before may be missing: please look at "
        "the card, and vote again where yours is."
    ),
    NotificationKind.REVIEW_OPENED: _review,
    NotificationKind.REVIEW_DUE: _review,
    NotificationKind.REVIEW_OVERDUE: _overdue,
    NotificationKind.REVIEW_CLOSED: _review,
}
