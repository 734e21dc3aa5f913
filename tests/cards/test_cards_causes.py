"""The words for the causes of a review, and the codes by which the audit knows all reasons."""

from typing import Any, get_args

import pytest

from approvals import causes as why
from approvals.because import Because
from approvals.causes import Cause
from approvals.order import Unknown
from approvals.tally import Tally
from cards.causes import cause_sentence, causes_told

STOLEN = why.BrokeGlass("shared", "Emergency 1", "It was stolen.", "Ivan Ilic")

SAID: list[tuple[Cause, str]] = [
    (STOLEN, "Ivan Ilic with Emergency 1 broke the glass: It was stolen."),
    (why.BrokeGlass("ivan", "Ivan Ilic", "It was stolen."), "Ivan Ilic broke the glass: It was stolen."),
    (why.InIntune("ann", "Ann", "asked"), "Ann asked for this in Intune, not through Countersign."),
    (why.InIntune("ann", "Ann", "decided"), "Ann decided this in Intune, not through Countersign."),
    (why.PastRequests("ann", "Ann"), "Ann did this in Intune itself, not through Countersign."),
    (why.OpenedByOperator("Teams was down"), "Opened by an operator: Teams was down"),
    (why.UnderReview((STOLEN, why.OpenedByOperator("Late"))), f"{cause_sentence(STOLEN)} Opened by an operator: Late"),
    (why.TargetProtected(("Executives", "Board")), "the target is protected (Executives and Board)"),
    (why.TargetUnknown((Unknown.USER,)), "the directory does not know its user, so it may be protected"),
    (why.ManyByOne(2), "one person has asked for more than 2 operations in a short time"),
    (why.ManyByAll(4), "more than 4 operations were asked for in a short time"),
    (why.NoApproverAnyMore(), "not an approver of this request any more"),
    (why.OwnAfterAll(), "it turned out to be their own request"),
    (why.GlassBrokenSince(), "the glass was broken after it"),
    (why.ContentChanged(), "what is asked for was changed"),
    (why.GroupGrew("All-Laptops", 412, 980), "All-Laptops grew from 412 to 980 members"),
    (why.GroupGrew("All-Laptops", None, 980), "All-Laptops, of which no size was shown, holds 980 members"),
    (why.GroupGrew("All-Laptops", 0, 980), "All-Laptops grew from 0 to 980 members"),
    (
        why.ReadableNow(("object", "group:6f1c", "filter:77")),
        "the object that it changes, the group 6f1c and the filter 77 could not be read then, and can be now",
    ),
    (why.OtherApproval(), "Intune shows another approval now"),
    (why.ApprovalGone(), "Intune does not show the approval any more"),
    (why.Finished(), "finished the decision"),
    (why.OrderRanUnheld(), "an order ran without being held"),
    (why.NotFiledInTime(), "it could not be filed in time"),
    (why.NobodyOnCallAnswered(), "nobody on call has answered"),
    (why.RequestRanUnheld("R1"), "request R1 ran without being held for a second person."),
    (
        why.AccessPolicyChanged("Device wipe", "deleted"),
        'the access policy "Device wipe" was deleted in Intune, and no approved request explains this.',
    ),
    (why.NotHeldAnyMore("script"), "no access policy in Intune holds script any more."),
    (why.StoreDoubted("It was reset."), "It was reset."),
    (why.AcknowledgedLost(), "It has lost something that it had acknowledged."),
    (why.Counted((Tally(0, 1, operation="Wipe"),)), "0 of 1 approval"),
    (
        why.Counted((Tally(1, 2, ("Change-Advisory-Board",), "Wipe"), Tally(1, 1, operation="Guarded orders"))),
        "Wipe: 1 of 2 approvals; Change-Advisory-Board still open · Guarded orders: 1 of 1 approval",
    ),
]


@pytest.mark.parametrize(("cause", "said"), SAID, ids=lambda one: getattr(one, "code", ""))
def test_what_is_said_of_a_cause(cause: Cause, said: str) -> None:
    """A cause reads the same in the audit and on cards."""
    assert cause_sentence(cause) == said


def test_every_cause_is_in_the_list_above() -> None:
    """Every cause is in the list above, so that its words cannot change unnoticed."""
    assert {type(cause) for cause, _ in SAID} == set(get_args(Cause))


def test_no_two_reasons_share_a_code() -> None:
    """No two reasons share a code, because the store and the audit tell them apart by it."""
    codes = [_code(kind) for kind in get_args(Because)]

    assert len(set(codes)) == len(codes)


def test_causes_follow_each_other() -> None:
    """A review with several causes names each of them."""
    assert causes_told(()) == ""
    assert causes_told((STOLEN, STOLEN)).count("broke the glass") == 2


def _code(kind: Any) -> str:
    return str(kind.__dataclass_fields__["code"].default)
