"""Audit entries, as an auditor reads them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from approvals.audit import AuditEntry, Identified, Kind
from cards.trail import history, sentence
from tests.cards.reading import text
from tests.samples.gallery import WAITING

AT = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
DUE = "2026-11-26T02:30:00+00:00"
OURS = Identified.BY_CREDENTIAL
SIGNED, CHANNEL, INTUNE, NOBODY = Identified.BY_TOKEN, Identified.BY_CHANNEL, Identified.BY_INTUNE, Identified.NOBODY


def entry(kind: Kind, name: str = "", known: Identified = NOBODY, before: str = "", after: str = "") -> AuditEntry:
    """Return one audit entry."""
    return AuditEntry(kind, AT, WAITING.id, name and "1", name, known, before, after)


def begun(kind: Kind, name: str, known: Identified, after: str) -> AuditEntry:
    """Return the first entry of a request, which says what is asked for."""
    about = {"act": "wipe", "kind": "ManagedDevice", "target": "PC-1", "target_id": "5f0c"}
    return replace(entry(kind, name, known, after=after), evidence=about)


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        (begun(Kind.PICKED_UP, "Rita Rossi", INTUNE, "needsApproval"), "Rita Rossi (in Intune) asked to wipe PC-1"),
        (begun(Kind.PICKED_UP, "", NOBODY, "needsApproval"), "Somebody whom Intune does not name asked to wipe PC-1"),
        (
            begun(Kind.PICKED_UP, "Rita Rossi", INTUNE, "completed"),
            "Rita Rossi (in Intune) asked to wipe PC-1; Intune shows it as completed",
        ),
        (begun(Kind.ASKED, "Rita Rossi", SIGNED, "wipe"), "Rita Rossi (signed in) asked to wipe PC-1"),
        (entry(Kind.SIGN_IN_FAILED, "Dana Diaz", NOBODY), "The sign-in of Dana Diaz came to nothing"),
        (entry(Kind.NOT_ALONE, "Ivan Ilic", NOBODY, after="nothing"), "The emergency process did not do it"),
        (
            entry(Kind.NOT_ALONE, "Ivan Ilic", NOBODY, after="in doubt"),
            "The emergency process may have done it, or not",
        ),
        (entry(Kind.VOTED, "Dana Diaz", CHANNEL, after="reject"), "Dana Diaz (in Teams) voted to reject"),
        (entry(Kind.VOTED, "van Dijk", CHANNEL, after="approve"), "van Dijk (in Teams) voted to approve"),
        (entry(Kind.VOTE_FELL, "Dana Diaz", before="approve"), "The vote of Dana Diaz fell away"),
        (entry(Kind.VOTES_VOID, before="0" * 64, after="1" * 64), "Earlier votes are void"),
        (entry(Kind.SENT_TO_INTUNE, "Countersign", OURS, after="file"), "Countersign asked Intune to file it"),
        (entry(Kind.FILED, "Countersign", OURS, "calling", "held"), "Countersign filed it in Intune"),
        (
            entry(Kind.INTUNE_ANSWERED, "Ivan Ilic", SIGNED, after="broken-glass"),
            "Intune accepted the approval of Ivan Ilic (signed in)",
        ),
        (
            entry(Kind.INTUNE_ANSWERED, "Dana Diaz", SIGNED, after="rejected"),
            "Intune accepted the rejection of Dana Diaz (signed in)",
        ),
        (
            entry(Kind.INTUNE_ANSWERED, "Dana Diaz", SIGNED, after="failed"),
            "Dana Diaz (signed in) got no confirmation from Intune",
        ),
        (entry(Kind.DECIDED_OUTSIDE, "Sam Schmidt", INTUNE, after="approve"), "Sam Schmidt approved it in Intune"),
        (entry(Kind.DECIDED_OUTSIDE, known=INTUNE, after="withdrawn"), "Decided in Intune: withdrawn"),
        (entry(Kind.EXECUTED, known=INTUNE, before="sent", after="done"), "The operation is done"),
        (entry(Kind.REMINDED, after="on-call"), "Escalated to on-call"),
        (entry(Kind.REMINDED, after="mail"), "Approvers were reminded by mail"),
        (entry(Kind.ESCALATED, after="Sam Schmidt"), "Paged: Sam Schmidt"),
        (entry(Kind.ESCALATED), "The operations channel was alarmed"),
        (
            entry(Kind.CLAIMED, "Sam Schmidt", CHANNEL, after=DUE),
            "Sam Schmidt (in Teams) is looking at it until 2026-11-26 02:30 UTC",
        ),
        (
            entry(Kind.GLASS_BROKEN, "Ivan Ilic", SIGNED, after="decided"),
            "Ivan Ilic (signed in) broke the glass; the quorum was set aside",
        ),
        (
            entry(Kind.GLASS_BROKEN, "Ivan Ilic", SIGNED, after="escalated"),
            "Ivan Ilic (signed in) broke the glass; one other person has to approve it",
        ),
        (entry(Kind.DRILL, "Ivan Ilic", SIGNED, after="decided"), "Ivan Ilic (signed in) broke the glass in a drill"),
        (entry(Kind.REVIEW_OPENED, after=DUE), "Review opened, due 2026-11-26 02:30 UTC"),
        (entry(Kind.REVIEW_OVERDUE, before=DUE), "Review overdue since 2026-11-26 02:30 UTC"),
        (
            entry(Kind.REVIEW_CLOSED, "Dana Diaz", CHANNEL, after="not-justified"),
            "Dana Diaz (in Teams) closed the review as not justified",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_entry_reads_as_a_sentence(recorded: AuditEntry, said: str) -> None:
    """An entry reads as a sentence, without names of states, digests or times in machine form."""
    assert sentence(recorded) == said


@pytest.mark.parametrize("kind", Kind)
def test_every_fact_has_words(kind: Kind) -> None:
    """Every kind of entry has words, even with no other values."""
    said = sentence(entry(kind, "Dana Diaz", CHANNEL))
    assert said
    assert "{" not in said


@pytest.mark.parametrize("known", Identified)
def test_every_way_of_knowing_who_it_was_has_words(known: Identified) -> None:
    """Every way of identifying a person has words or is left out; the sentence begins with the name."""
    assert sentence(entry(Kind.VOTED, "Dana Diaz", known, after="reject")).startswith("Dana Diaz")


def test_the_history_says_on_what_it_was_decided() -> None:
    """The history names the request of each entry, and says so if a request is no longer kept."""
    broken = entry(Kind.GLASS_BROKEN, "Ivan Ilic", SIGNED, after="decided")
    said = text(history([(broken, None), (broken, WAITING)]))
    assert "Wipe PC-1" in said
    assert "A request that is no longer kept" in said
