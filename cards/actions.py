"""The payload of a button: a verb, a request id, the fingerprint of what the card showed, and the attempt that
posted the card. It never contains an identity."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Self

from approvals import fingerprint as fingerprints
from approvals.request import Request

ATTEMPT = "attempt"
"""Key of the attempt's id in an action's `data`."""

PAGE = "page"
"""Key of the requested page of a list in an action's `data`."""

OURS = frozenset({"request", "fingerprint", ATTEMPT, PAGE})
"""The bot's own keys in an action's `data`; all others are user input."""

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_PAGE = re.compile(r"[0-9]{1,4}")
_ATTEMPT = re.compile(r"[0-9A-Za-z]{0,64}")


def fingerprint_of(request: Request) -> str:
    """Return the fingerprint that a card of this request shows now."""
    return fingerprints.fingerprint_of(request.subject)


class Verb(StrEnum):
    """The action that a click asks for. `APPROVE`, `REJECT`, `URGENT` and `REVIEW` only open the second step. Verbs
    on a draft or a prompt come with its id instead of a request's."""

    REFRESH = "refresh"
    APPROVE = "approve"
    REJECT = "reject"
    CONFIRM_APPROVE = "confirm-approve"
    CONFIRM_REJECT = "confirm-reject"
    WITHDRAW = "withdraw"
    FINISH = "finish"
    CANCEL_APPROVAL = "cancel-approval"
    DETAILS = "details"
    BACK = "back"
    CANCEL = "cancel"
    CONTINUE = "continue"
    CHOOSE = "choose"
    ASK = "ask"
    DROP = "drop"
    CLAIM = "claim"
    URGENT = "urgent"
    MAKE_URGENT = "make-urgent"
    GLASS = "glass"
    BREAK = "break"
    PAGE = "page"
    LEAVE = "leave"
    SHOW_REVIEW = "show-review"
    REVIEW = "review"
    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"


OnDraft = Literal[Verb.CONTINUE, Verb.CHOOSE, Verb.ASK, Verb.DROP]
"""Verbs on the card of a draft."""

OnPrompt = Literal[Verb.BREAK, Verb.PAGE, Verb.LEAVE]
"""Verbs on a break-glass prompt."""

OnReview = Literal[Verb.SHOW_REVIEW, Verb.REVIEW, Verb.JUSTIFIED, Verb.NOT_JUSTIFIED]
"""Verbs on the card of a review."""

OnRequest = (
    OnReview
    | Literal[
        Verb.REFRESH,
        Verb.BACK,
        Verb.DETAILS,
        Verb.APPROVE,
        Verb.REJECT,
        Verb.CONFIRM_APPROVE,
        Verb.CONFIRM_REJECT,
        Verb.WITHDRAW,
        Verb.FINISH,
        Verb.CANCEL_APPROVAL,
        Verb.CANCEL,
        Verb.CLAIM,
        Verb.URGENT,
        Verb.MAKE_URGENT,
        Verb.GLASS,
    ]
)
"""Verbs on the card of a request, or of its review."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button's payload, as sent and as read back. `page` is the requested page of a list. `stamped` adds `attempt`
    once it is known where the card goes."""

    verb: Verb
    request_id: str
    fingerprint: str = ""
    attempt: str = ""
    page: int = 0

    def data(self) -> dict[str, str]:
        """Return the action's `data`; Teams adds the inputs to it."""
        asked = {"request": self.request_id, "fingerprint": self.fingerprint}
        return asked | {PAGE: str(self.page)} if self.page else asked

    @classmethod
    def read(cls, verb: object, data: object) -> Self | None:
        """Return the pressed button, or `None` if no card of ours could have sent this."""
        if not isinstance(data, dict) or not isinstance(verb, str) or verb not in set(Verb):
            return None
        fields: dict[str, Any] = data
        request_id, fingerprint, attempt = fields.get("request"), fields.get("fingerprint", ""), fields.get(ATTEMPT, "")
        if not (isinstance(request_id, str) and _ID.fullmatch(request_id)):
            return None
        if not (isinstance(fingerprint, str) and fingerprints.PATTERN.fullmatch(fingerprint)):
            return None
        if not (isinstance(attempt, str) and _ATTEMPT.fullmatch(attempt)):
            return None
        page = fields.get(PAGE, "0")
        if not (isinstance(page, str) and _PAGE.fullmatch(page)):
            return None
        return cls(Verb(verb), request_id, fingerprint, attempt, int(page))


def stamped(card: dict[str, Any], attempt: str) -> dict[str, Any]:
    """Return the card with the id of the attempt that posts it, or has posted it, in every button and in its refresh.

    Every click then returns the id, from the posted card and from each view that replaces it. The id distinguishes our
    card from anything else in the same place. Permissions never depend on it.
    """
    return {name: _stamped(part, attempt) for name, part in card.items()} if attempt else card


def _stamped(part: Any, attempt: str) -> Any:
    if isinstance(part, list):
        return [_stamped(one, attempt) for one in part]
    if not isinstance(part, dict):
        return part
    within = {name: _stamped(one, attempt) for name, one in part.items()}
    if part.get("type") == "Action.Execute":
        within["data"] = {**within.get("data", {}), ATTEMPT: attempt}
    return within
