"""Native approvals: which content an approval given in Intune stands for, and when it is void.

Intune binds an approval to its request, not to what the request points to: a script can be replaced after the approval
and before it runs. So an approval counts only for the content at which it was first seen, and only if that content is
not newer than the approval.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from approvals.audit import Identified, Kind
from approvals.because import Because
from approvals.causes import ApprovalGone, Counted, OtherApproval
from approvals.change import Change
from approvals.decide import approve_if_reached, approver_group_ids, may_vote
from approvals.effects import NotificationKind, TellPerson
from approvals.people import Person
from approvals.quorum import is_only_followed, tallies
from approvals.request import Decision, IntuneStatus, NativeApproval, Request, Source, Verdict, Vote
from approvals.snapshot import UNCHANGING, Snapshot
from approvals.void import CountsForNothing, Void

OWN_DOING = timedelta(minutes=1)
"""Carrying out a change may itself modify its content: a modification this shortly before the end, or later, says
nothing about the approved content."""

SAME_MOMENT = timedelta(minutes=1)
"""Largest difference between the times of one approval in the request and in Intune's audit."""


def take_note(change: Change, seen: Snapshot, *, opening: bool, changed: bool) -> None:
    """Record the approval that Intune shows now, and what makes it void.

    `opening` says that its content was not seen before, or is hidden now, `changed` that it differs from the last look.
    """
    known, person = change.request.native, approver_of(seen)
    first = known is None or not _is_the_same(change.request, known, seen)
    if known is None or first:
        _drop_votes(change, OtherApproval())
        sizes = change.request.subject.sizes
        native = NativeApproval(change.request.digest, change.now, seen.approved_at, sizes=sizes)
        change.request = replace(change.request, native=native, intune_approver=person)
    else:
        native = replace(known, given_at=known.given_at or seen.approved_at, gone=False)
        named_late = change.request.intune_approver is None and not known.gone
        change.request = replace(
            change.request, native=native, intune_approver=change.request.intune_approver or person
        )
        if native.void is not None and named_late:
            _tell(change)
    why = _why_void(change, seen, native, together=first and changed, unsure=first and opening)
    if why is not None:
        void(change, why)


def approver_of(seen: Snapshot) -> Person | None:
    """Return who approved it in Intune. A person whom the directory does not know is left out: they might be the
    requestor."""
    return seen.approver.person if seen.approver is not None and seen.approver.person.known else None


def void(change: Change, why: Void) -> None:
    """Void the approval if it could still count: record it, and tell the person who gave it."""
    request, native = change.request, change.request.native
    if native is None or native.void is not None or not _could_count(request):
        return
    change.request = replace(change.request, native=replace(native, void=why))
    if native.gone:
        return
    because = CountsForNothing(why)
    if not _drop_votes(change, because):
        approver = request.intune_approver
        identified = Identified.BY_INTUNE if approver else Identified.NOBODY
        change.note(Kind.NOT_COUNTED, approver, identified, because=because)
    _tell(change)


def count(change: Change, seen: Snapshot) -> None:
    """Count the approval as its approver's vote, if they may vote. Below the quorum it only raises an alarm."""
    request, native, approver = change.request, change.request.native, seen.approver
    if native is None or native.void is not None or approver is None:
        return
    if request.vote_of(approver.person) or may_vote(request, approver) or _knew_of_no_emergency(request, native):
        return
    vote = Vote(
        voter=approver.person,
        verdict=Verdict.APPROVE,
        at=native.given_at or change.now,
        digest=native.digest,
        groups=approver.groups & approver_group_ids(request),
        note=seen.approval_note,
        source=Source.PORTAL,
        sizes=native.sizes,
    )
    change.request = replace(change.request, votes=request.with_vote(vote).votes)
    change.note(
        Kind.DECIDED_OUTSIDE,
        approver.person,
        Identified.BY_INTUNE,
        after=Verdict.APPROVE,
        because=Counted(tallies(change.request)),
        evidence={"groups": " ".join(sorted(vote.groups))},
    )
    approve_if_reached(change, Source.PORTAL)


def drop_overtaken(change: Change, seen: Snapshot) -> None:
    """Remove votes on content that was changed before it ran: after it ran, the content can no longer be compared, but
    its time can."""
    at = changed_at(seen) if seen.status is IntuneStatus.COMPLETED else None
    overtaken = [vote for vote in change.request.votes if at is not None and vote.at <= at]
    for vote in overtaken:
        change.note(Kind.VOTE_FELL, vote.voter, before=vote.verdict, because=CountsForNothing(Void.CHANGED_SINCE))
        change.plan(TellPerson(change.request.id, NotificationKind.VOTES_VOID, vote.voter.account))
    change.request = replace(
        change.request, votes=tuple(vote for vote in change.request.votes if vote not in overtaken)
    )


def forget(change: Change) -> None:
    """Remove the vote of an approval that Intune took back.

    Its time is kept, because a look may show an old state again. The next approval is another one, even by the same
    person.
    """
    _drop_votes(change, ApprovalGone())
    change.request = replace(change.request, native=withdrawn(change.request.native), intune_approver=None)


def withdrawn(native: NativeApproval | None) -> NativeApproval | None:
    """Return what is kept of an approval that was taken back."""
    return replace(native, gone=True) if native is not None and native.given_at is not None else None


def changed_at(seen: Snapshot) -> datetime | None:
    """Return when the content was last changed by a person; nothing if that is unknown or impossible."""
    at, end = seen.content_at, seen.modified_at if seen.status is IntuneStatus.COMPLETED else None
    if at is None or at == UNCHANGING:
        return None
    return None if end is not None and at + OWN_DOING > end else at


def _tell(change: Change) -> None:
    """Tell the approver that their approval does not count, if they are known."""
    request = change.request
    if request.intune_approver is not None:
        change.plan(TellPerson(request.id, NotificationKind.NATIVE_VOID, request.intune_approver.account))


def _could_count(request: Request) -> bool:
    """Return whether the approval matters: the decision is open here, or our order waits for it."""
    if request.decision is Decision.OPEN:
        return not is_only_followed(request)
    return request.filing is not None and request.intune_status is IntuneStatus.APPROVED


def _is_the_same(request: Request, known: NativeApproval, seen: Snapshot) -> bool:
    """Return whether Intune shows the known approval. If the same person approved again between two looks,
    that counts as the same approval: at worst it is void, and they have to vote here."""
    person, before = approver_of(seen), request.intune_approver
    if person is not None and before is not None and not person.is_same_as(before):
        return False
    if not known.gone:
        return True
    given, shown = known.given_at, seen.approved_at
    return given is not None and shown is not None and abs(shown - given) < SAME_MOMENT


def _why_void(change: Change, seen: Snapshot, native: NativeApproval, *, together: bool, unsure: bool) -> Void | None:
    """Return why this approval is void, or nothing.

    If no time of the change is known, two looks at the same content are enough, but one is not.
    """
    if together:
        return Void.CHANGED_WITH_IT
    if unsure and seen.content_at is None:
        return Void.CHANGED_PERHAPS
    changed = changed_at(seen)
    if changed is not None and (native.given_at or seen.filed_at) <= changed:
        return Void.CHANGED_SINCE
    late = change.request.decision is Decision.OPEN and _is_late(change.request, seen, native)
    return Void.LATE if late else None


def _is_late(request: Request, seen: Snapshot, native: NativeApproval) -> bool:
    """Return whether it was given after our deadline.

    If its time is unknown, the latest possible one is used: when the request last moved, or when the approval was first
    seen.
    """
    latest = min(native.seen_at, seen.modified_at or native.seen_at)
    return (native.given_at or latest) >= request.deadline


def _knew_of_no_emergency(request: Request, native: NativeApproval) -> bool:
    """Return whether it was, or may have been, given before the glass was broken."""
    called = [glass.at for glass in request.glass if glass.calls_for_another]
    return bool(called) and (native.given_at is None or native.given_at < max(called))


def _drop_votes(change: Change, because: Because) -> bool:
    """Remove the votes given in Intune while nothing is decided, and return whether there were any."""
    native = [vote for vote in change.request.votes if vote.source is Source.PORTAL]
    if change.request.decision is not Decision.OPEN or not native:
        return False
    for vote in native:
        change.note(Kind.VOTE_FELL, vote.voter, before=vote.verdict, because=because)
    change.request = replace(change.request, votes=tuple(vote for vote in change.request.votes if vote not in native))
    return True
