"""The audit in words for managers: one entry as a sentence, a request's whole trail as a card."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from approvals.audit import AuditEntry, Identified, Kind
from approvals.emergency import Finding, Way
from approvals.ladder import Rung
from approvals.request import (
    Decision,
    Execution,
    IntuneStatus,
    Request,
    Verdict,
)
from approvals.subject import Subject
from cards import words
from cards.elements import Card, Container, Part
from cards.sheet import heading, line, panel, rows
from cards.status import Tone, status_of
from cards.text import brief_moment, joined, moment_utc, plain, shown

MOST = 24
"""Maximum entries on one card; the log has all of them."""

LONGEST = 220

_HOW = {
    Identified.BY_CHANNEL: "in Teams",
    Identified.BY_TOKEN: "signed in",
    Identified.BY_CREDENTIAL: "",
    Identified.BY_INTUNE: "in Intune",
    Identified.NOBODY: "",
}

_SAID: Mapping[Kind, str] = {
    Kind.PICKED_UP: "{who} asked to {subject}; Intune shows it as {after}",
    Kind.POSTED: "card posted",
    Kind.COPY_LOST: "a card was lost",
    Kind.VOTED: "{who} voted to {after}",
    Kind.REFUSED: "{who} was refused",
    Kind.VOTE_WITHDRAWN: "{who} withdrew their vote",
    Kind.VOTE_FELL: "the vote of {who} fell away",
    Kind.VOTES_VOID: "earlier votes are void",
    Kind.QUORUM_REACHED: "the quorum was reached",
    Kind.REJECTED: "{who} rejected it",
    Kind.EXPIRED: "expired",
    Kind.SENT_TO_INTUNE: "{who} asked Intune to {after} it",
    Kind.INTUNE_ANSWERED: "Intune accepted the approval of {who}",
    Kind.SIGN_IN_FAILED: "the sign-in of {who} came to nothing",
    Kind.RECONCILED: "Intune shows it as {after}",
    Kind.DECIDED_OUTSIDE: "{name} decided in Intune: {after}",
    Kind.NOT_COUNTED: "{name} approved it in Intune, which does not count",
    Kind.APPROVAL_CANCELLED: "{who} took the approval in Intune back",
    Kind.ASKED: "{who} asked to {subject}",
    Kind.FILED: "{who} filed it in Intune",
    Kind.NOT_FILED: "it was not filed in Intune",
    Kind.RAN_UNHELD: "it ran at once: Intune did not hold it back",
    Kind.COMPLETED: "{who} completed it in Intune",
    Kind.NOT_COMPLETED: "it was not completed in Intune",
    Kind.EXECUTED: "the operation is {after}",
    Kind.NOT_SEEN: "nothing has shown yet that the operation has happened",
    Kind.CANCELLED: "{who} took it back",
    Kind.TAKEN_BACK: "{who} cancelled it in Intune",
    Kind.LOCKED: "operations of this type are locked",
    Kind.PRUNED: "what was too old was removed from the log",
    Kind.RETENTION_CONFIRMED: "a longer time to keep the log was confirmed",
    Kind.REJOINED: "sealing went on after a loss",
    Kind.STORE_WENT_BACK: "the store went back, and something that was acknowledged is missing in it",
    Kind.STORE_ACCEPTED: "an operator accepted the store as it is",
    Kind.ENTRY_LOST: "what stood here is lost with the store",
    Kind.REMINDED: "approvers were reminded",
    Kind.URGENT: "{who} said that it cannot wait",
    Kind.DELEGATED: "{who} has somebody else reminded until {moment}",
    Kind.CLAIMED: "{who} is looking at it until {moment}",
    Kind.ESCALATED: "paged: {after}",
    Kind.GLASS_BROKEN: "{who} broke the glass; the quorum was set aside",
    Kind.ASKED_ALONE: "{who} asked the emergency process to do it alone",
    Kind.EXECUTED_ALONE: "{who} had it done alone, by the emergency process",
    Kind.NOT_ALONE: "the emergency process did not do it",
    Kind.DRILL: "{who} broke the glass in a drill",
    Kind.REVIEW_OPENED: "review opened, due {moment}",
    Kind.REVIEW_OVERDUE: "review overdue since {moment}",
    Kind.REVIEW_CLOSED: "{who} closed the review as {after}",
}

_SAID_OF: Mapping[tuple[Kind, str], str] = {
    (Kind.PICKED_UP, IntuneStatus.NEEDS_APPROVAL): "{who} asked to {subject}",
    (Kind.SENT_TO_INTUNE, "cancel approval"): "{who} asked Intune to take the approval back",
    (Kind.INTUNE_ANSWERED, Decision.REJECTED): "Intune accepted the rejection of {who}",
    # Intune may have accepted it: a lost answer is recorded like a refusal.
    (Kind.INTUNE_ANSWERED, "failed"): "{who} got no confirmation from Intune",
    (Kind.RECONCILED, IntuneStatus.NEEDS_APPROVAL): "Intune shows it as waiting for approval",
    (Kind.DECIDED_OUTSIDE, Verdict.APPROVE): "{name} approved it in Intune",
    (Kind.EXECUTED, Execution.UNKNOWN): "nobody knows what became of the operation",
    (Kind.REMINDED, Rung.THREAD): "approvers were reminded under the card",
    (Kind.REMINDED, Rung.CHAT): "approvers were reminded in chat",
    (Kind.REMINDED, Rung.MAIL): "approvers were reminded by mail",
    (Kind.REMINDED, Rung.ON_CALL): "escalated to on-call",
    (Kind.ESCALATED, ""): "the operations channel was alarmed",
    (Kind.GLASS_BROKEN, Way.ESCALATED): "{who} broke the glass; one other person has to approve it",
    (Kind.NOT_ALONE, "in doubt"): "the emergency process may have done it, or not",
    (Kind.REVIEW_CLOSED, Finding.NOT_JUSTIFIED): "{who} closed the review as not justified",
}
"""Wording for particular results of an entry."""


def sentence(entry: AuditEntry) -> str:
    """Return one entry as a sentence: who, how they were identified, the result, and why."""
    name, how = entry.name or entry.who, _HOW[entry.identified]
    who = f"{name} ({how})" if name and how else name
    usual = _SAID.get(entry.kind, f"{{who}} {entry.kind.replace('-', ' ')}")
    said = _SAID_OF.get((entry.kind, entry.after), usual)
    if "{subject}" in said:
        who = who or "Somebody whom Intune does not name"
    moment = _moment(entry.after or entry.before)
    told = said.format(who=who, name=name, after=entry.after, moment=moment, subject=_subject(entry)).strip()
    if not (who and said.startswith(("{who}", "{name}"))):  # the case of a name is kept
        told = told[:1].upper() + told[1:]
    return f"{told}: {entry.why}" if entry.why else told


def trail(request: Request, entries: Sequence[AuditEntry]) -> dict[str, Any]:
    """Return everything recorded about a request, oldest first. If it is very long, the middle is left out."""
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


def history(decided: Sequence[tuple[AuditEntry, Request | None]]) -> dict[str, Any]:
    """Return recent decisions, the latest first, each with its request if that still exists."""
    body: list[Part] = [panel(Tone.QUIET, heading(shown("What was decided lately"), size="Large"), bleed=True)]
    body += [_decided(entry, request) for entry, request in list(reversed(decided))[:MOST]]
    if not decided:
        body.append(line(shown("Nothing was decided lately.")))
    return Card(fallback_text=shown("What was decided lately"), body=body).to_dict()


def _decided(entry: AuditEntry, request: Request | None) -> Container:
    title = words.title_of(request) if request else "A request that is no longer kept"
    when = joined(brief_moment(entry.at), shown(entry.request_id), by=" · ")
    texts = [
        line(shown(title, words.TITLE), weight="Bolder"),
        line(shown(sentence(entry), LONGEST), spacing="None"),
        line(when, isSubtle=True, spacing="None"),
    ]
    return Container(items=texts, spacing="Medium")


def _moment(recorded: str) -> str:
    try:
        return moment_utc(datetime.fromisoformat(recorded))
    except ValueError:
        return recorded


def _subject(entry: AuditEntry) -> str:
    """Return the requested operation, if the entry names it: "wipe PC-1"."""
    about = {name: entry.evidence.get(name, "") for name in ("kind", "act", "target_id", "target")}
    if not about["act"]:
        return "do something"
    devices = entry.evidence.get("devices", "")
    count = int(devices) if devices.isdecimal() else 0
    subject = Subject((), about["kind"], about["act"], about["target_id"], about["target"], "", device_count=count)
    title = words.title(subject)
    return title[:1].lower() + title[1:]
