"""If Intune refuses for a moment while an order is filed or completed, the bot tries again by itself."""

import pytest

from approvals.audit import Kind
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from tests.office import Office, day_with, sign_in_link, text_of

PASSING = [Faults.THROTTLED, Faults.HIDDEN, Faults.MISSING, Faults.UNAUTHORIZED]
FILING, COMPLETING = 0, 1


async def ordered(day: Office, *troubles: Fault) -> None:
    """Request a wipe as Rita, and approve it as Dana while Intune has these troubles."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("dana", day.card())
    day.tenant.graph.faults += troubles
    await day.sign_in("dana", sign_in_link(answer))


async def signed_anew(day: Office) -> None:
    """Sign in again as Dana if needed: a sign-in can be used once, so an order that was filed later needs another
    one."""
    if "not yet in Intune" in text_of(day.card().card):
        await day.sign_in("dana", sign_in_link(await day.click("dana", "finish", day.card())))


async def minutes(day: Office, many: int) -> None:
    """Let time pass, minute by minute."""
    for _ in range(many):
        await day.pass_time(minutes=1)


def calls(day: Office) -> int:
    """Return how often the wipe call was sent, for filing or for completing."""
    return sum(call.path.endswith("/wipe") for call in day.tenant.graph.calls)


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("call", [FILING, COMPLETING])
@day_with(asking=True)
async def test_a_call_that_is_refused_in_passing(day: Office, call: int, kind: Faults) -> None:
    """A call that Intune refuses for a moment is made again a little later."""
    await ordered(day, Fault(kind, "/wipe$", method="POST", after=call))
    await minutes(day, 5)
    await signed_anew(day)
    await minutes(day, 45)

    assert "✓ Done" in text_of(day.card().card)
    assert calls(day) == 3
    assert not [one for one in (*day.told("rita"), *day.replies(day.card())) if "Graph" in one]


@pytest.mark.parametrize("kind", PASSING)
@day_with(asking=True)
async def test_a_target_that_cannot_be_read_in_passing(day: Office, kind: Faults) -> None:
    """If the target cannot be read for a moment, nothing is sent before it was read."""
    await ordered(day, Fault(kind, "/managedDevices/[^/]+$", method="GET", times=3))
    await minutes(day, 5)
    await signed_anew(day)
    await minutes(day, 45)

    assert "✓ Done" in text_of(day.card().card)
    assert calls(day) == 2


@day_with(asking=True)
async def test_meanwhile_the_card_says_so(day: Office) -> None:
    """While the bot tries again, the card says so in our words, and nobody gets a message."""
    await ordered(day, Fault(Faults.THROTTLED, "/wipe$", method="POST", times=99))
    await minutes(day, 5)

    seen = text_of(day.card().card)
    assert "Intune is too busy at the moment. It is tried again by itself." in seen
    assert "Graph said" not in seen
    assert not [one for one in day.told("rita") if "busy" in one]


@day_with(asking=True)
async def test_what_does_not_pass_waits_for_somebody(day: Office) -> None:
    """If the trouble does not pass, people hear once what Intune said, and an approver can press Finish."""
    refusing = Fault(Faults.HIDDEN, "/wipe$", method="POST", times=99)
    await ordered(day, refusing)
    await minutes(day, 20)
    tried = calls(day)
    await minutes(day, 20)

    assert calls(day) == tried
    assert len([one for one in day.told("rita") if "Intune did not take it" in one]) == 1
    assert ".." not in text_of(day.card().card).replace("...", "")
    assert (await day.audit(Kind.NOT_FILED))[-1].why.startswith("Intune did not take it")
    refusing.times = 0
    await day.sign_in("dana", sign_in_link(await day.click("dana", "finish", day.card())))
    await minutes(day, 45)
    assert "✓ Done" in text_of(day.card().card)
