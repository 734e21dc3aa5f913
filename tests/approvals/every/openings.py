"""The page of openings: every way in which a request is opened, and what is known of it at that moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

from approvals.asking import Draft, ask
from approvals.causes import TargetProtected
from approvals.direct_actions import DirectAction, review_action
from approvals.hours import Hours
from approvals.order import Act, Option
from approvals.outcome import Outcome
from approvals.reconcile import Terms, open_request
from approvals.request import DecisionsMode, IntuneStatus
from approvals.snapshot import Snapshot
from tests.approvals.builders import CORA, NOW, RITA, SUBJECT, eligibility, seen
from tests.approvals.every.shown import lines_of_new, section
from tests.approvals.every.states import OWNED, WIPE
from tests.approvals.every.steps import BORIS, CORA_ELIGIBLE, DAY, EMERGENCY, FLOW, HOUR, LADDER, SOON, in_force

DRAFT = Draft("R1", RITA, Act.WIPE, "PC-1", NOW, target_id="d1", justification="Stolen on the train", subject=WIPE)
TOLD = in_force(workflows=(replace(FLOW, alarms=True, urgent=True),))
NO_LADDER = in_force(workflows=(replace(FLOW, ladder=None), replace(FLOW, operation="Wipe", ladder=None)))

NIGHTLY = replace(
    LADDER, skips_at_night=1, urgent_skips_at_night=9, hours=Hours(ZoneInfo("UTC"), frozenset({0}), time(9), time(17))
)
AT_NIGHT = in_force(workflows=(replace(FLOW, ladder=NIGHTLY),))


def _opened(shown: Snapshot, to: Terms | None = None, *, history: bool = False) -> Outcome:
    return open_request("R1", shown, to or in_force(), SOON, history=history)


def openings() -> Mapping[str, Outcome]:
    """Return the outcome of every way to open a request, by its name."""
    return {
        **{f"Intune shows {one}": _opened(seen(one, approver=CORA_ELIGIBLE)) for one in IntuneStatus},
        **{f"{one} before we came": _opened(seen(one, approver=CORA_ELIGIBLE), history=True) for one in IntuneStatus},
        "An application of Dana's filed it": _opened(seen(IntuneStatus.NEEDS_APPROVAL, requestor=OWNED)),
        "Nobody knows who filed it": _opened(seen(IntuneStatus.NEEDS_APPROVAL, requestor=None)),
        "Boris filed it": _opened(seen(IntuneStatus.NEEDS_APPROVAL, requestor=BORIS)),
        "Boris approved it": _opened(seen(IntuneStatus.APPROVED, approver=eligibility(BORIS))),
        "It is over in an hour": _opened(seen(IntuneStatus.NEEDS_APPROVAL, expires_at=NOW + HOUR)),
        "Every one is urgent, and alarms": _opened(seen(IntuneStatus.NEEDS_APPROVAL), TOLD),
        "Two workflows without a ladder": _opened(seen(IntuneStatus.NEEDS_APPROVAL), NO_LADDER),
        "Two policy types": _opened(
            seen(IntuneStatus.NEEDS_APPROVAL, subject=replace(SUBJECT, policy_types=("a", "b")))
        ),
        "It is night": _opened(seen(IntuneStatus.NEEDS_APPROVAL), AT_NIGHT),
        "It is night, and urgent": ask(replace(DRAFT, urgent=True), WIPE, AT_NIGHT, SOON),
        "Rita asks": ask(DRAFT, WIPE, in_force(), SOON),
        "Rita asks, and it is urgent": ask(replace(DRAFT, urgent=True), WIPE, in_force(), SOON),
        "Rita asks, and every one is urgent": ask(DRAFT, WIPE, TOLD, SOON),
        "Rita asks, and it is protected": ask(
            replace(DRAFT, stricter=TargetProtected(("VIP",)), options=frozenset(Option), group_id="g1"),
            WIPE,
            in_force(decisions=DecisionsMode.TRACK),
            SOON,
        ),
        "Rita drills": ask(replace(DRAFT, drill=True), WIPE, in_force(), SOON),
        "Boris wipes past every request": review_action(
            "R1", DirectAction("e1", BORIS, "Wipe ManagedDevice", "PC-1", "d1", NOW - DAY), EMERGENCY, "c1", SOON
        ),
        "Cora wipes past every request": review_action(
            "R1", DirectAction("e1", CORA, "Wipe", "PC-1", "d1", NOW), replace(EMERGENCY, reviewers=()), "c1", SOON
        ),
    }


def page() -> str:
    """Return the page of openings."""
    told = {name: lambda outcome=outcome: list(lines_of_new(outcome)) for name, outcome in openings().items()}
    return "\n".join(section("A request is opened", told))
