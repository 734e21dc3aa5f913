"""What a button carries: a verb, a request id, a witness of what it was drawn from, and by which attempt its
card was posted. Never an identity."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Self

from approvals import fingerprint as fingerprints
from approvals.request import Request

ATTEMPT = "attempt"
"""What the attempt is called in an action's `data`."""

PAGE = "page"
"""What the wanted part of a list is called there."""

OURS = frozenset({"request", "witness", ATTEMPT, PAGE})
"""Everything in an action's `data` that is ours; the rest is what was typed."""

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_PAGE = re.compile(r"[0-9]{1,4}")
_ATTEMPT = re.compile(r"[0-9A-Za-z]{0,64}")


def fingerprint_of(request: Request) -> str:
    """What a card of this request shows of what is under review now."""
    return fingerprints.fingerprint_of(request.subject)


class Verb(StrEnum):
    """What a click asks for. `APPROVE`, `REJECT`, `URGENT` and `REVIEW` only open the second step. Some are pressed on
    a draft or a prompt, whose id stands in the request's place."""

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
"""What is pressed on a draft."""

OnPrompt = Literal[Verb.BREAK, Verb.PAGE, Verb.LEAVE]
"""What is pressed on the prompt of who is about to break glass."""

OnReview = Literal[Verb.SHOW_REVIEW, Verb.REVIEW, Verb.JUSTIFIED, Verb.NOT_JUSTIFIED]
"""What is pressed on the card of a review."""

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
"""What is pressed on a card of a request, or of its review."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button's payload, there and back. `page` is the wanted part of a list. `attempt` is put there by `stamped`,
    once it is known where the card goes."""

    verb: Verb
    request_id: str
    witness: str = ""
    attempt: str = ""
    page: int = 0

    def data(self) -> dict[str, str]:
        """What stands in the action's `data`; Teams adds the inputs to it."""
        asked = {"request": self.request_id, "witness": self.witness}
        return asked | {PAGE: str(self.page)} if self.page else asked

    @classmethod
    def read(cls, verb: object, data: object) -> Self | None:
        """The button that was pressed, or nothing where no card of ours could have sent this."""
        if not isinstance(data, dict) or not isinstance(verb, str) or verb not in set(Verb):
            return None
        fields: dict[str, Any] = data
        request_id, witness, attempt = fields.get("request"), fields.get("witness", ""), fields.get(ATTEMPT, "")
        if not (isinstance(request_id, str) and _ID.fullmatch(request_id)):
            return None
        if not (isinstance(witness, str) and fingerprints.PATTERN.fullmatch(witness)):
            return None
        if not (isinstance(attempt, str) and _ATTEMPT.fullmatch(attempt)):
            return None
        page = fields.get(PAGE, "0")
        if not (isinstance(page, str) and _PAGE.fullmatch(page)):
            return None
        return cls(Verb(verb), request_id, witness, attempt, int(page))


def stamped(card: dict[str, Any], attempt: str) -> dict[str, Any]:
    """Return the card with the id of the attempt that posts it, or has posted it, in every button and in its refresh.

    So every click brings it back, from the posted card and from each view that takes its place. It tells our own card
    from whatever else stands in the place, and who may do what never depends on it.
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
