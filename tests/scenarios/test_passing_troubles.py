"""What Intune refuses in passing while an order is filed and completed is tried again, and nobody has to press
anything."""

import pytest

from approvals.audit import Kind
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from tests.office import Office, day_with, sign_in_link, text_of

PASSING = [Faults.THROTTLED, Faults.HIDDEN, Faults.MISSING, Faults.UNAUTHORIZED]
FILING, COMPLETING = 0, 1


async def ordered(day: Office, *troubles: Fault) -> None:
    """Rita asks for a wipe; Dana approves it while Intune makes trouble."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("dana", day.card())
    day.tenant.graph.faults += troubles
    await day.sign_in("dana", sign_in_link(answer))


async def signed_anew(day: Office) -> None:
    """A sign-in serves one time only: where the order was filed later, Dana approves it in Intune with another one."""
    if "not yet in Intune" in text_of(day.card().card):
        await day.sign_in("dana", sign_in_link(await day.click("dana", "finish", day.card())))


async def minutes(day: Office, many: int) -> None:
    """Time passes."""
    for _ in range(many):
        await day.pass_time(minutes=1)


def calls(day: Office) -> int:
    """How often the wipe itself was called, to be filed and to be completed."""
    return sum(call.path.endswith("/wipe") for call in day.tenant.graph.calls)


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("call", [FILING, COMPLETING])
@day_with(asking=True)
async def test_a_call_that_is_refused_in_passing(day: Office, call: int, kind: Faults) -> None:
    """It was not taken, so it is made again a little later."""
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
    """Nothing is sent before it was read."""
    await ordered(day, Fault(kind, "/managedDevices/[^/]+$", method="GET", times=3))
    await minutes(day, 5)
    await signed_anew(day)
    await minutes(day, 45)

    assert "✓ Done" in text_of(day.card().card)
    assert calls(day) == 2


@day_with(asking=True)
async def test_meanwhile_the_card_says_so(day: Office) -> None:
    """In our words, and without a line to anybody."""
    await ordered(day, Fault(Faults.THROTTLED, "/wipe$", method="POST", times=99))
    await minutes(day, 5)

    seen = text_of(day.card().card)
    assert "Intune is too busy at the moment. It is tried again by itself." in seen
    assert "Graph said" not in seen
    assert not [one for one in day.told("rita") if "busy" in one]


@day_with(asking=True)
async def test_what_does_not_pass_waits_for_somebody(day: Office) -> None:
    """After ten minutes it is said with Intune's own words, once, and Finish tries it again."""
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
