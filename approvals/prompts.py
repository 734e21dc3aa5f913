"""Break-glass prompts: who may continue one, until when, and which input is required."""

from datetime import datetime

from approvals.audit import Identified
from approvals.break_glass import (
    PROMPT_TIME,
    SWITCHED_OFF,
    Invocation,
    Prompt,
    way_for,
    why_not_break,
    why_not_enough,
    why_not_invoke,
)
from approvals.drafts import NOT_YOURS
from approvals.emergency import Emergency, Way
from approvals.naming import is_name
from approvals.people import Person
from approvals.refusals import Lapsed, Refusal, WrongName
from approvals.request import Request
from approvals.snapshot import Eligibility

PROMPT_OVER = Lapsed("prompt")
"""The prompt has expired, or the person who began it has left it."""

WRONG_NAME = WrongName(glass=True)


def why_not_go_on(prompt: Prompt, account: str, now: datetime) -> Refusal | None:
    """Return why this account cannot continue the prompt, or nothing."""
    if prompt.left or now >= prompt.began_at + PROMPT_TIME:
        return PROMPT_OVER
    return None if account == prompt.invoker.account else NOT_YOURS


def why_not_proceed(prompt: Prompt, account: str, now: datetime) -> Refusal | None:
    """Return why this account, with or without proof of identity, cannot break the glass: another person typed the
    input, or it was never confirmed."""
    mine = why_not_go_on(prompt, account, now) is None
    return None if mine and prompt.confirmed else PROMPT_OVER


def invocation_of(prompt: Prompt, eligibility: Eligibility, identified: Identified, *, locked: bool) -> Invocation:
    """Build the rules' input from the prompt."""
    return Invocation(eligibility, identified, prompt.why, prompt.ticket, prompt.acting, prompt.drill, locked)


def why_not_confirm(
    request: Request, emergency: Emergency | None, invocation: Invocation, fingerprint: str, typed: str, now: datetime
) -> Refusal | None:
    """Return why the input is not enough to continue to the proof of identity; `typed` is the target's name."""
    if emergency is None:
        return SWITCHED_OFF
    return (
        why_not_invoke(emergency, invocation.eligibility)
        or why_not_break(request, fingerprint, now)
        or why_not_enough(emergency, invocation)
        or (None if is_name(typed, request.subject.spelled) else WRONG_NAME)
    )


def foreseen_way(request: Request, people: tuple[Person, ...], invocation: Invocation, *, alone: bool) -> Way:
    """Return what break-glass would do; `alone` says that the separate emergency process could do it then."""
    way = way_for(request, people, invocation)
    return Way.EXECUTED if way is Way.ESCALATED and alone else way
