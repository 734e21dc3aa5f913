"""What was recorded, in words that a manager reads: one entry in a sentence, a request's whole trail on a card."""

from collections.abc import Sequence
from typing import Any

from approvals.audit import AuditEntry, Identified, Kind
from approvals.request import Request
from cards import words
from cards.elements import Card, Container, Part
from cards.sheet import heading, line, panel, rows
from cards.status import Tone, status_of
from cards.text import brief_moment, plain, shown

MOST = 24
"""Entries on one card; the log has all of them."""

LONGEST = 220

_HOW = {
    Identified.BY_CHANNEL: "in Teams",
    Identified.BY_TOKEN: "signed in",
    Identified.BY_CREDENTIAL: "",
    Identified.BY_INTUNE: "in Intune",
    Identified.NOBODY: "",
}

_SAID = {
    Kind.POSTED: "card posted",
    Kind.COPY_LOST: "a card was lost",
    Kind.VOTED: "voted {}",
    Kind.REFUSED: "was refused",
    Kind.VOTE_WITHDRAWN: "withdrew their vote",
    Kind.VOTE_FELL: "their vote fell away",
    Kind.VOTES_VOID: "what is asked for was changed, earlier votes are void",
    Kind.QUORUM_REACHED: "decided",
    Kind.REJECTED: "rejected",
    Kind.EXPIRED: "expired",
    Kind.SENT_TO_INTUNE: "tells Intune: {}",
    Kind.INTUNE_ANSWERED: "told Intune, which answered: {}",
    Kind.RECONCILED: "Intune shows {}",
    Kind.DECIDED_OUTSIDE: "decided in Intune",
    Kind.FILED: "filed in Intune",
    Kind.NOT_FILED: "not filed",
    Kind.RAN_UNHELD: "ran without being held",
    Kind.COMPLETED: "sent",
    Kind.NOT_COMPLETED: "not sent",
    Kind.EXECUTED: "the operation is {}",
    Kind.CANCELLED: "took it back",
    Kind.TAKEN_BACK: "cancelled it in Intune",
    Kind.REMINDED: "approvers are reminded by {}",
    Kind.URGENT: "said that it cannot wait",
    Kind.CLAIMED: "looks at it until {}",
    Kind.ESCALATED: "paged: {}",
    Kind.GLASS_BROKEN: "broke the glass",
    Kind.ASKED_ALONE: "asked the emergency process to do it alone",
    Kind.EXECUTED_ALONE: "had it done alone",
    Kind.NOT_ALONE: "did not have it done alone",
    Kind.DRILL: "broke the glass in a drill",
    Kind.REVIEW_OPENED: "review opened, due {}",
    Kind.REVIEW_OVERDUE: "review overdue since {}",
    Kind.REVIEW_CLOSED: "closed the review as {}",
}


_SUBJECTS = frozenset({Kind.PICKED_UP, Kind.ASKED})
"""Where a request begins: they say what it is about."""


def sentence(entry: AuditEntry) -> str:
    """What one entry says: who, how we know, what, from where to where, and why."""
    how = _HOW[entry.identified]
    who = (entry.name or entry.who) + (f" ({how})" if how else "")
    moved = " → ".join(part for part in (entry.before, entry.after) if part)
    what = _SAID.get(entry.kind, entry.kind.replace("-", " "))
    what = what.format(moved) if "{}" in what else f"{what} ({moved})" if moved else what
    if entry.kind in _SUBJECTS:
        what = f"asked for {entry.evidence.get('act', 'it')} {entry.evidence.get('target', '')}".strip()
    said = f"{who} {what}" if entry.who else what[:1].upper() + what[1:]
    return f"{said}: {entry.why}" if entry.why else said


def trail(request: Request, entries: Sequence[AuditEntry]) -> dict[str, Any]:
    """Everything that was recorded of a request, oldest first; of very many the first and the last."""
    status = status_of(request)
    title = words.title_of(request)
    half = MOST // 2
    some = list(entries) if len(entries) <= MOST else [*entries[:half], *entries[-half:]]
    pairs = rows([(brief_moment(entry.at), shown(sentence(entry), LONGEST)) for entry in some])
    if hidden := len(entries) - len(some):
        pairs.insert(half, line(shown(f"{hidden} more entries are in the log."), isSubtle=True))
    body: list[Part] = [
        panel(
            status.tone,
            line(shown(f"Audit · {status.sign} {status.word}"), weight="Bolder"),
            heading(shown(title, words.TITLE), size="Large", spacing="Small"),
            bleed=True,
        ),
        Container(items=pairs, spacing="Medium"),
        line(shown(f"Request {request.id}"), isSubtle=True, size="Small"),
    ]
    return Card(fallback_text=shown(f"Audit: {plain(title, words.TITLE)}"), body=body).to_dict()


def history(entries: Sequence[AuditEntry]) -> dict[str, Any]:
    """What was decided lately, the latest first."""
    body: list[Part] = [panel(Tone.QUIET, heading(shown("What was decided lately"), size="Large"), bleed=True)]
    for entry in list(reversed(entries))[:MOST]:
        texts = [
            line(shown(sentence(entry), LONGEST)),
            line(shown(f"{entry.at:%Y-%m-%d %H:%M} UTC · {entry.request_id}"), isSubtle=True, spacing="None"),
        ]
        body.append(Container(items=texts, spacing="Small"))
    if not entries:
        body.append(line(shown("Nothing was decided lately.")))
    return Card(fallback_text=shown("What was decided lately"), body=body).to_dict()
