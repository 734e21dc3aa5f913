"""The pages of what happens to requests, by topic: every event, and what it does in every state."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from approvals.audit import Identified
from approvals.lifecycle import ExecutionEvent, Impossible
from approvals.people import Application
from approvals.request import IntuneStatus, Request, Verdict
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA, NOW, RITA, eligibility, person
from tests.approvals.every import steps
from tests.approvals.every.shown import lines, section
from tests.approvals.every.states import OTHER, UNREAD, states
from tests.approvals.every.steps import (
    ALEX_ELIGIBLE,
    BORIS,
    CORA_ELIGIBLE,
    DANA_ELIGIBLE,
    DAY,
    EMERGENCY,
    FLOW,
    HOUR,
    MINUTE,
    SOON,
    Happens,
    in_force,
)

TO_THE_DEADLINE, LATE = timedelta(hours=24), NOW + 4 * DAY
"""The time until a vote here ends, and a time at which the request is over in Intune as well."""

STRANGER, GUEST = eligibility(person("stan")), eligibility(ALEX, ADMINS, active=False)
ALEX_IN_CAB = replace(ALEX, name="Al")
RITA_ELIGIBLE = eligibility(RITA, ADMINS)
TIGHTER = in_force(
    workflows=(replace(FLOW, required=3, deadline=timedelta(hours=2), urgent_deadline=timedelta(hours=1)),),
    config_digest="c2",
)
WITHOUT_CAB = in_force(workflows=(replace(FLOW, groups=(ADMINS,), required=1),), config_digest="c2")

ALONE = states()["order, asked alone"]

TOPICS: Mapping[str, Mapping[str, Happens]] = {
    "votes": {
        "Alex approves": steps.votes(ALEX_ELIGIBLE),
        "Alex approves with another account": steps.votes(eligibility(person("alex-admin", "alex"), ADMINS)),
        "Cora approves": steps.votes(CORA_ELIGIBLE),
        "Cora approves, and Alex has left": steps.votes_without("alex", CORA_ELIGIBLE),
        "Dana approves, and proves who she is": steps.votes(DANA_ELIGIBLE, identified=Identified.BY_TOKEN),
        "Cora approves, and Alex has moved": steps.votes_after_a_move(
            eligibility(replace(ALEX, name="Al"), CAB), CORA_ELIGIBLE
        ),
        "Alex rejects": steps.votes(ALEX_ELIGIBLE, Verdict.REJECT),
        "Alex rejects without a word": steps.votes(ALEX_ELIGIBLE, Verdict.REJECT, note=" "),
        "Rita approves her own": steps.votes(RITA_ELIGIBLE),
        "A stranger approves": steps.votes(STRANGER),
        "A disabled account approves": steps.votes(GUEST),
        "Alex approves something older": steps.votes(ALEX_ELIGIBLE, fingerprint="0" * 12),
        "Alex approves at the deadline": steps.votes(ALEX_ELIGIBLE, at=NOW + TO_THE_DEADLINE),
        "Alex takes his vote back": steps.withdraws(ALEX),
        "Dana takes her vote back": steps.withdraws(DANA),
        "The deadline is not over": steps.time_is_up(NOW + TO_THE_DEADLINE - MINUTE),
        "The deadline is over": steps.time_is_up(NOW + TO_THE_DEADLINE),
    },
    "carrying": {
        "Cora signs in": steps.carries(CORA_ELIGIBLE),
        "Dana signs in, and finishes": steps.carries(DANA_ELIGIBLE),
        "Alex signs in to reject": steps.carries(ALEX_ELIGIBLE, Verdict.REJECT),
        "Boris signs in": steps.carries(eligibility(BORIS)),
        "A stranger signs in": steps.carries(STRANGER),
        "Cora signs in a minute later": steps.carries(CORA_ELIGIBLE, at=SOON + MINUTE),
        "Cora signs in too late": steps.carries(CORA_ELIGIBLE, at=LATE),
        "Intune says yes to Cora": steps.intune_agreed(CORA),
        "Intune says no to Cora": steps.intune_refused(CORA),
        "Intune says no to Dana, without an id": steps.intune_refused(DANA, ""),
        "Cora did not sign in": steps.did_not_sign_in(CORA),
        "Dana did not sign in": steps.did_not_sign_in(DANA),
        "A brake stops Cora": steps.was_braked(CORA),
        "Alex withdraws Intune's approval": steps.cancels_approval(ALEX_ELIGIBLE),
        "A stranger withdraws Intune's approval": steps.cancels_approval(STRANGER),
        "Intune keeps its approval": steps.approval_stays("graph-3"),
        "Intune does not answer": steps.approval_stays(""),
        "Intune takes its approval back": steps.approval_is_gone,
    },
    "intune": {
        **{f"Intune shows {status}": steps.shows(status) for status in IntuneStatus},
        "Intune shows Cora's approval": steps.shows(IntuneStatus.APPROVED, CORA_ELIGIBLE),
        "Intune shows Cora's approval, given before the change": steps.shows(
            IntuneStatus.APPROVED, CORA_ELIGIBLE, modified_at=NOW, content_at=NOW + MINUTE / 2
        ),
        "Intune shows Rita's own approval": steps.shows(
            IntuneStatus.APPROVED, RITA_ELIGIBLE, approved_at=SOON, to=in_force(emergency=None)
        ),
        "Intune shows Boris's approval": steps.shows(IntuneStatus.APPROVED, eligibility(BORIS), approved_at=SOON),
        "Intune shows an approval after the deadline": steps.shows(
            IntuneStatus.APPROVED, DANA_ELIGIBLE, at=NOW + 2 * DAY, modified_at=NOW + 2 * DAY
        ),
        "Intune shows an approval of other content": steps.shows(IntuneStatus.APPROVED, CORA_ELIGIBLE, subject=OTHER),
        "Graph does not show the content": steps.shows(IntuneStatus.NEEDS_APPROVAL, subject=UNREAD),
        "Graph does not show the content of what Cora approved": steps.shows(
            IntuneStatus.APPROVED, CORA_ELIGIBLE, subject=UNREAD, approved_at=SOON, content_at=None
        ),
        "Intune shows other content, and a new end": steps.shows(
            IntuneStatus.NEEDS_APPROVAL, subject=OTHER, expires_at=NOW + HOUR
        ),
        "Intune shows other content": steps.shows(IntuneStatus.NEEDS_APPROVAL, subject=OTHER),
        "Intune shows that Cora has completed it, changed after a vote": steps.shows(
            IntuneStatus.COMPLETED, CORA_ELIGIBLE, modified_at=SOON + HOUR, approved_at=SOON + HOUR, content_at=SOON
        ),
        "Intune shows that Cora has completed it": steps.shows(
            IntuneStatus.COMPLETED, CORA_ELIGIBLE, modified_at=SOON, approved_at=NOW, content_at=NOW + MINUTE / 2
        ),
        "Intune shows that Dana has rejected it": steps.shows(
            IntuneStatus.REJECTED, DANA_ELIGIBLE, approval_note="Not now"
        ),
        "Intune shows it when a call is cut off": steps.shows(IntuneStatus.APPROVED, CORA_ELIGIBLE, at=SOON + MINUTE),
        "Intune shows it an hour later": steps.shows(IntuneStatus.APPROVED, CORA_ELIGIBLE, at=NOW + HOUR),
        "Intune waits an hour later": steps.shows(IntuneStatus.NEEDS_APPROVAL, at=NOW + HOUR),
        "Intune names another end": steps.shows(IntuneStatus.NEEDS_APPROVAL, expires_at=NOW + HOUR),
        "Intune says that Dana's application asked, and names other accounts of hers": steps.shows(
            IntuneStatus.NEEDS_APPROVAL, requestor=Application("ci", "Pipeline", (person("dana", "dana-admin"),))
        ),
        "Intune says that Alex asked": steps.shows(IntuneStatus.NEEDS_APPROVAL, requestor=ALEX),
        "The configuration is stricter": steps.shows(IntuneStatus.NEEDS_APPROVAL, to=TIGHTER),
        "A group is gone from the configuration": steps.shows(IntuneStatus.NEEDS_APPROVAL, to=WITHOUT_CAB),
    },
    "orders": {
        "It is filed": steps.is_filed(SOON),
        "It is filed too late": steps.is_filed(LATE),
        "It is filed at the end": steps.is_filed(NOW + 3 * DAY),
        "Intune holds it": steps.is_held,
        "It is found in Intune": steps.is_found,
        "Intune refuses it": steps.is_not_filed("graph-1"),
        "It is refused before it is sent": steps.is_not_filed(""),
        "Intune's answer is lost": steps.is_unanswered,
        "Nothing is found of it": steps.is_not_found(SOON),
        "Nothing is found of it after a minute": steps.is_not_found(SOON + MINUTE),
        "Nothing is found of it after ten minutes": steps.is_not_found(SOON + 10 * MINUTE),
        "It runs at once": steps.ran_unheld,
        "It is cancelled in Intune": steps.is_taken_back,
        "The store may have lost that it was called off": steps.is_held_back,
        "It is completed": steps.is_completed_by_us(SOON),
        "It is completed a minute later": steps.is_completed_by_us(SOON + MINUTE),
        "It is completed too late": steps.is_completed_by_us(LATE),
        "Intune takes the approved call": steps.completing_worked,
        "Intune refuses the approved call": steps.completing_failed(look=False),
        "Intune's answer to the approved call is lost": steps.completing_failed(look=True),
        "Its target shows that it was done": steps.target_shows,
        "Rita calls it off": steps.is_called_off(RITA),
        "Alex calls it off": steps.is_called_off(ALEX),
        "Its time is up": steps.is_given_up(NOW + 3 * DAY),
        "Its time is not up": steps.is_given_up(NOW + 3 * DAY - MINUTE),
    },
    "operations": {
        **{one.value[0].upper() + one.value[1:]: steps.is_seen(one, SOON + MINUTE) for one in ExecutionEvent},
        "It is not found": steps.is_missing(SOON + MINUTE),
        "It is not found for nine minutes": steps.is_missing(SOON + MINUTE, SOON + 10 * MINUTE),
        "It is not found for ten minutes": steps.is_missing(SOON + MINUTE, SOON + 11 * MINUTE),
        "Its device is not found for two weeks": steps.is_missing(SOON + MINUTE, SOON + 14 * DAY),
        "Nothing is seen": steps.is_seen(None, SOON + HOUR / 2),
        "Nothing is seen after a day": steps.is_seen(None, SOON + DAY),
        "Nothing is seen after two weeks": steps.is_seen(None, SOON + 14 * DAY),
    },
    "reminders": {
        "The first step is due": steps.is_climbed(0, NOW + 2 * HOUR),
        "The first step is due while somebody looks": steps.is_climbed(0, NOW + MINUTE * 5),
        "The second step is due": steps.is_climbed(1, NOW + 4 * HOUR),
        "A step that is none is due": steps.is_climbed(2, NOW + 4 * HOUR),
        "The first on call is paged": steps.is_paged(0, DANA, CORA),
        "The second on call is paged": steps.is_paged(1, DANA, CORA),
        "Rita is on call": steps.is_paged(0, RITA),
        "Nobody else is on call": steps.is_paged(1, DANA),
        "Alex looks at it": steps.is_claimed(ALEX_ELIGIBLE),
        "Dana looks at it": steps.is_claimed(eligibility(DANA)),
        "Alex looks at it later": steps.is_claimed(ALEX_ELIGIBLE, at=NOW + HOUR),
        "Rita looks at it": steps.is_claimed(RITA_ELIGIBLE),
        "Alex looks at it at the deadline": steps.is_claimed(ALEX_ELIGIBLE, at=NOW + TO_THE_DEADLINE),
        "A claim holds still": steps.claim_is_over(SOON + MINUTE * 29),
        "A claim is over": steps.claim_is_over(SOON + MINUTE * 30),
        "Alex makes it urgent": steps.is_urgent(ALEX_ELIGIBLE),
        "Alex makes it urgent without a word": steps.is_urgent(ALEX_ELIGIBLE, why=" "),
        "A stranger makes it urgent": steps.is_urgent(STRANGER),
        "Alex makes it urgent at the deadline": steps.is_urgent(ALEX_ELIGIBLE, at=NOW + TO_THE_DEADLINE),
        "Alex makes it urgent in its last hours": steps.is_urgent(ALEX_ELIGIBLE, at=NOW + TO_THE_DEADLINE - HOUR),
    },
    "emergencies": {
        "Boris breaks the glass": steps.breaks_glass(BORIS),
        "Boris breaks the glass, locked": steps.breaks_glass(BORIS, locked=True),
        "Boris breaks the glass without a proof": steps.breaks_glass(BORIS, identified=Identified.BY_CHANNEL),
        "Boris breaks the glass in a few words": steps.breaks_glass(BORIS, why="Stolen"),
        "Boris breaks the glass too late": steps.breaks_glass(BORIS, at=NOW + 2 * DAY),
        "Cora breaks the glass with the shared account": steps.breaks_glass(steps.SHARED, acting="cora"),
        "Somebody breaks the glass with the shared account": steps.breaks_glass(steps.SHARED),
        "Boris drills": steps.breaks_glass(BORIS, drill=True),
        "Rita breaks the glass": steps.breaks_glass(RITA),
        "Dana breaks the glass": steps.breaks_glass(DANA),
        "Boris breaks a glass that is closed": steps.breaks_glass(BORIS, path=replace(EMERGENCY, open=False)),
        "Boris breaks the glass without a ticket": steps.breaks_glass(
            BORIS, path=replace(EMERGENCY, ticket="INC-[0-9]+")
        ),
        "Rita asks the emergency process": steps.is_asked_alone("rita"),
        "Boris asks the emergency process": steps.is_asked_alone("boris"),
        "The emergency process has done it": steps.is_done_alone,
        "The emergency process has done it, and nobody remembers": steps.is_done_alone_and_forgotten(ALONE),
        "The emergency process did nothing, and nobody remembers": steps.is_not_done_alone_and_forgotten(ALONE),
        "The emergency process did nothing": steps.is_not_done_alone(in_doubt=False),
        "The emergency process did nobody knows what": steps.is_not_done_alone(in_doubt=True),
        "The emergency process may still answer": steps.attempt_is_over(SOON + MINUTE / 2),
        "The emergency process did not answer": steps.attempt_is_over(SOON + MINUTE),
        "An operator opens a review": steps.review_is_opened,
        "The review is asked for": steps.review_is_due(1, SOON + DAY),
        "The review is asked for a second time": steps.review_is_due(2, SOON + 2 * DAY),
        "The review is overdue": steps.review_is_due(1, SOON + 3 * DAY),
        "Cora closes the review": steps.review_is_closed(CORA_ELIGIBLE),
        "Cora closes the review in a few words": steps.review_is_closed(CORA_ELIGIBLE, "Fine"),
        "Boris closes the review": steps.review_is_closed(eligibility(BORIS, CAB)),
        "Alex closes the review": steps.review_is_closed(ALEX_ELIGIBLE),
    },
}


def page(topic: str) -> str:
    """Return the page of this topic."""
    known = states()
    return "\n".join(line for title, happens in TOPICS[topic].items() for line in _section(title, happens, known))


def _section(title: str, happens: Happens, known: Mapping[str, Request]) -> Iterator[str]:
    return section(title, {name: partial(_told, request, happens) for name, request in known.items()})


def _told(request: Request, happens: Happens) -> Iterator[str]:
    try:
        yield from lines(request, happens(request))
    except Impossible as error:
        yield f"impossible: {error}"
