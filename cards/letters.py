"""Mail about waiting requests and events, in text and in HTML. It decides nothing: mail programs follow links."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from approvals.effects import NotificationKind
from approvals.request import Request
from cards import sentences, words
from cards.text import moment_utc, plain

SUBJECT = 120
SENTENCE = 400

_FOOT = "Approve and Reject are only on the card in Teams. Nothing in this mail decides anything."


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a mail: the request, the kind of notification, and the link to its card, if there is one."""

    request: Request
    notification: NotificationKind
    link: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, the same in text and in HTML."""

    subject: str
    text: str
    html: str


def letter(items: Sequence[Item]) -> Letter:
    """Return one mail about all items."""
    subject = _subject(items)
    return Letter(subject, _text(items), _html(subject, items))


def _subject(items: Sequence[Item]) -> str:
    if len(items) > 1:
        return f"{len(items)} Intune requests need you"
    (item,) = items
    drill = "DRILL: " if _is_drill(item) else ""
    return plain(f"{drill}{_WORDS.get(item.notification, 'Intune request')}: {words.title_of(item.request)}", SUBJECT)


def _is_drill(item: Item) -> bool:
    """Return whether the reported event was only a drill; the request itself may be real."""
    request, review = item.request, item.request.review
    if item.notification is NotificationKind.GLASS_BROKEN:
        return request.drill or bool(request.glass and request.glass[-1].drill)
    return request.drill or (item.notification in _OF_REVIEWS and review is not None and review.drill)


_OF_REVIEWS = frozenset(
    {
        NotificationKind.REVIEW_OPENED,
        NotificationKind.REVIEW_DUE,
        NotificationKind.REVIEW_OVERDUE,
        NotificationKind.REVIEW_CLOSED,
    }
)


_WORDS = {
    NotificationKind.WAITS: "Waiting for approval",
    NotificationKind.GLASS_BROKEN: "Break-glass",
    NotificationKind.REVIEW_OPENED: "Emergency review",
    NotificationKind.REVIEW_DUE: "Emergency review",
    NotificationKind.REVIEW_OVERDUE: "Overdue emergency review",
    NotificationKind.REVIEW_CLOSED: "Emergency review closed",
    NotificationKind.APPROVED: "Approved",
    NotificationKind.REJECTED: "Rejected",
    NotificationKind.EXPIRED: "Expired",
}


def _lines(item: Item) -> list[str]:
    request = item.request
    reason = plain(request.justification, SENTENCE)
    lines = [words.title_of(request), plain(sentences.reply(request, item.notification), SENTENCE)]
    lines.append(f"Requested by {words.asker(request)}{f': {reason}' if reason else ''}")
    if request.takes_votes:
        lines.append(f"Decide by {moment_utc(request.deadline)}{', urgent' if request.urgent else ''}.")
    return lines


def _text(items: Sequence[Item]) -> str:
    parts = ["\n".join([*_lines(item), item.link or "Its card stands in Teams."]) for item in items]
    return "\n\n".join([*parts, _FOOT]) + "\n"


def _html(subject: str, items: Sequence[Item]) -> str:
    parts = "".join(_html_item(item) for item in items)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(subject)}</title></head>'
        f'<body style="font-family:Segoe UI,sans-serif;max-width:40em">{parts}<p>{html.escape(_FOOT)}</p></body></html>'
    )


def _html_item(item: Item) -> str:
    title, *rest = [html.escape(line) for line in _lines(item)]
    link = f'<p><a href="{html.escape(item.link)}">Open the card in Teams</a></p>' if item.link else ""
    return f"<h2>{title}</h2>{''.join(f'<p>{line}</p>' for line in rest)}{link}"
