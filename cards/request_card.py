"""The card of a request, for every state, every step and every reader."""

import json
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from approvals.request import Request
from cards import sentences
from cards.actions import Verb
from cards.body import body
from cards.buttons import buttons
from cards.elements import Card, Refresh
from cards.rules import is_pending
from cards.sheet import Sheet
from cards.view import CardStep, View

MOST_BYTES = 20_000
"""Maximum bytes of a card in UTF-16. Teams accepts more, but its documented limit has changed before."""

BODY_BYTES = 16_000
"""Maximum bytes of a card without the ids of the users whose view refreshes."""

STAMP_BYTES = 1_000
"""Bytes reserved for the attempt's id, which is added to the buttons after drawing."""

MOST_REFRESHED = 60
"""Teams refreshes user-specific views for at most this many people."""

SUMMARY = 600

_SHARES = (1.0, 0.8, 0.6, 0.45, 0.35, 0.2, 0.1, 0.0)


def draw(request: Request, view: View) -> dict[str, Any]:
    """Return the card as this reader sees it.

    To stay below `MOST_BYTES`, free text is visibly shortened and some users are left out of the automatic refresh.
    They can still refresh with the menu of the message.
    """
    sheet = Sheet(request, view)
    drawn = (_draw(sheet.tighter(share)) for share in _SHARES)
    card = next((card for card in drawn if weight(card) < _room(card)), None) or _draw(sheet.tighter(0.0))
    if "refresh" in card:
        card["refresh"]["userIds"] = _fitting(
            view.refresh_for[:MOST_REFRESHED], MOST_BYTES - STAMP_BYTES - weight(card)
        )
    return card


def _room(card: Mapping[str, Any]) -> int:
    """Return the maximum bytes before user ids are added; without a refresh, no room is kept for them."""
    return BODY_BYTES if "refresh" in card else MOST_BYTES - STAMP_BYTES


def weight(part: object) -> int:
    """Return the size in bytes, as JSON in UTF-16."""
    return len(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le"))


def _draw(sheet: Sheet) -> dict[str, Any]:
    card = Card(
        fallback_text=sheet.text(sentences.summary(sheet.request), SUMMARY), body=body(sheet), actions=buttons(sheet)
    )
    if is_pending(sheet.request) and sheet.view.step is CardStep.REQUEST:
        card.refresh = Refresh(action=sheet.button(Verb.REFRESH, "Refresh"), user_ids=[])
    return card.to_dict()


def _fitting(ids: Sequence[str], room: int) -> list[str]:
    """Return the first ids, as many as together take less than `room` bytes."""
    weights = accumulate(weight([mri]) for mri in ids)
    return [mri for mri, total in zip(ids, weights, strict=True) if total < room]
