"""Who may continue with the break-glass prompt, until when, and what has to be filled in."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import refusals
from approvals.audit import Identified
from approvals.break_glass import PROMPT_TIME, SWITCHED_OFF, Invocation, Prompt, way_for
from approvals.drafts import NOT_YOURS
from approvals.emergency import Emergency, EmergencyAccount, Way
from approvals.prompts import (
    PROMPT_OVER,
    WRONG_NAME,
    foreseen_way,
    invocation_of,
    why_not_confirm,
    why_not_go_on,
    why_not_proceed,
)
from approvals.refusals import Refusal
from tests.approvals.builders import ALEX, NOW, RITA, eligibility, request

WHY = "The laptop of the director was stolen at the airport"
PROMPT = Prompt("P1", "R1", ALEX, NOW, why=WHY, fingerprint=request().digest[:12], confirmed=True)
END = NOW + PROMPT_TIME
EMERGENCY = Emergency(open=True, accounts=(EmergencyAccount(ALEX),))


@pytest.mark.parametrize(
    ("prompt", "account", "now", "refusal"),
    [
        (PROMPT, "alex", NOW, None),
        (PROMPT, "alex", END - timedelta(seconds=1), None),
        (PROMPT, "alex", END, PROMPT_OVER),
        (PROMPT, "rita", NOW, NOT_YOURS),
        (PROMPT, "rita", END, PROMPT_OVER),
        (replace(PROMPT, left=True), "alex", NOW, PROMPT_OVER),
    ],
)
def test_who_began_it_goes_on_until_it_is_over(
    prompt: Prompt, account: str, now: datetime, refusal: Refusal | None
) -> None:
    """Only the person who opened the prompt may continue, until it expires or they leave it."""
    assert why_not_go_on(prompt, account, now) == refusal


@given(
    left=st.booleans(),
    confirmed=st.booleans(),
    account=st.sampled_from(["alex", "rita", ""]),
    minutes=st.integers(min_value=0, max_value=30),
)
def test_only_what_was_found_good_in_time_is_done(left: bool, confirmed: bool, account: str, minutes: int) -> None:
    """Only a prompt that its own person confirmed in time is used; every other case gets the same refusal."""
    prompt = replace(PROMPT, left=left, confirmed=confirmed)
    good = confirmed and not left and account == "alex" and minutes < 15
    assert why_not_proceed(prompt, account, NOW + timedelta(minutes=minutes)) == (None if good else PROMPT_OVER)


def test_what_was_typed_is_what_is_asked_of_the_rules() -> None:
    """The rules get everything that was typed in the prompt."""
    prompt = replace(PROMPT, ticket="INC-7", acting="cora", drill=True)
    assert invocation_of(prompt, eligibility(ALEX), Identified.BY_TOKEN, locked=True) == Invocation(
        eligibility(ALEX), Identified.BY_TOKEN, WHY, ticket="INC-7", acting="cora", drill=True, locked=True
    )


def refused(
    prompt: Prompt = PROMPT, emergency: Emergency | None = EMERGENCY, typed: str = "Update-Defender"
) -> Refusal | None:
    """Return why Alex may not go on to prove who he is, or None if he may."""
    invocation = invocation_of(prompt, eligibility(ALEX), Identified.BY_CHANNEL, locked=False)
    return why_not_confirm(request(), emergency, invocation, prompt.fingerprint, typed, NOW)


@pytest.mark.parametrize(
    ("given_up", "reason"),
    [
        ({}, None),
        ({"emergency": None}, SWITCHED_OFF),
        ({"emergency": replace(EMERGENCY, accounts=())}, refusals.NoEmergencyAccess(open=True)),
        ({"prompt": replace(PROMPT, fingerprint="0" * 12)}, refusals.Changed()),
        ({"prompt": replace(PROMPT, why="short")}, refusals.TooShort("emergency", 20)),
        ({"typed": "Update"}, WRONG_NAME),
        ({"typed": " update-defender"}, None),
    ],
)
def test_everything_is_filled_in_before_anybody_signs_in(given_up: dict[str, Any], reason: Refusal | None) -> None:
    """Before the sign-in the prompt checks the right to use it, the request as shown, the reason and the typed name."""
    assert refused(**given_up) == reason


@pytest.mark.parametrize("requestor", [ALEX, RITA])
@pytest.mark.parametrize("alone", [True, False])
def test_the_prompt_says_what_it_would_do(requestor: object, alone: bool) -> None:
    """The prompt says what it would do; the emergency process is offered only where break-glass cannot decide."""
    on = request(requestor=requestor)
    invocation = invocation_of(PROMPT, eligibility(ALEX), Identified.BY_TOKEN, locked=False)
    assert way_for(on, (ALEX,), invocation) is (Way.ESCALATED if requestor is ALEX else Way.DECIDED)
    expected = Way.DECIDED if requestor is RITA else Way.EXECUTED if alone else Way.ESCALATED
    assert foreseen_way(on, (ALEX,), invocation, alone=alone) is expected
