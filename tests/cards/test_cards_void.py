"""The words for an approval that does not count."""

from dataclasses import replace

import pytest

from approvals.audit import AuditEntry, Kind
from approvals.effects import NotificationKind
from approvals.request import NativeApproval
from approvals.void import CountsForNothing, Void
from cards import sentences
from cards.because import worded
from cards.request_card import draw
from tests.cards.reading import text
from tests.samples.gallery import ALEX, EVERYONE, IN_PORTAL, NOW

SAID = [
    (Void.CHANGED_SINCE, "what it is about was changed after it was given"),
    (Void.CHANGED_WITH_IT, "it was first seen together with a change of what it is about"),
    (Void.CHANGED_PERHAPS, "nobody says whether what it is about was changed after it was given"),
    (Void.OUTGROWN, "a group that it reaches has grown a lot since it was given"),
    (Void.LATE, "it was given after the deadline here, or nobody says when"),
]


@pytest.mark.parametrize(("void", "said"), SAID)
def test_why_it_counts_for_nothing_is_said(void: Void, said: str) -> None:
    """The card, the approver's message and the audit say why an approval does not count."""
    native = NativeApproval(IN_PORTAL.digest, NOW, NOW, void)
    request = replace(IN_PORTAL, votes=(), native=native, intune_approver=ALEX)
    entry = worded(AuditEntry(Kind.NOT_COUNTED, NOW, because=CountsForNothing(void)))

    assert f"The approval of Alex Adler in Intune does not count: {said}." in text(draw(request, EVERYONE))
    assert f"Your approval in Intune does not count here: {said}." in sentences.tell(
        request, NotificationKind.NATIVE_VOID
    )
    assert (entry.why, entry.evidence) == (said, {"reason": "counts-for-nothing", "void": void.value})


def test_nothing_is_said_of_one_that_counts() -> None:
    """Nothing is said about an approval in Intune that counts."""
    native = NativeApproval(IN_PORTAL.digest, NOW, NOW)
    request = replace(IN_PORTAL, native=native, intune_approver=ALEX)

    assert "does not count" not in text(draw(request, EVERYONE))
    assert {void for void, _ in SAID} == set(Void)
