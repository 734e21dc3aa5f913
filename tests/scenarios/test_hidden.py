"""A part of a request that Graph does not show for a while is no change: votes stand, and nothing goes on until it is
shown again."""

import pytest

from approvals.audit import Kind
from approvals.request import Request
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from tests.office import Office, sign_in_link, text_of, verbs_of

BOARD = "Change Advisory Board"
SCRIPT = "Clear-TempFolders"
PARTS = {"script": "/deviceManagementScripts/[^/]+$", "group": "/groups/[^/]+$"}
AWAY = [Faults.HIDDEN, Faults.MISSING]


async def stored(day: Office) -> Request:
    """Return the request as it is stored."""
    request = await day.bot.store.requests.load(await day.request_id())
    assert request is not None
    return request


async def minute_later(day: Office) -> None:
    """Let a minute pass, and poll."""
    await day.pass_time(minutes=1)
    await day.poll()


def hide(day: Office, part: str, kind: Faults) -> Fault:
    """Let Graph hide this part from now on."""
    fault = Fault(kind, path=PARTS[part], times=1000)
    day.tenant.graph.faults.append(fault)
    return fault


@pytest.mark.parametrize("kind", AWAY)
@pytest.mark.parametrize("part", PARTS)
async def test_votes_stand(day: Office, part: str, kind: Faults) -> None:
    """While a part is hidden, votes stand and the card says what cannot be read. When it is shown again, voting goes
    on."""
    day.tenant.portal.assign_script("rita", SCRIPT, "All-Windows-Laptops", "Disk space")
    await day.poll()
    before = await stored(day)
    await day.approve("alex", day.card(BOARD))

    hide(day, part, kind)
    await minute_later(day)
    hidden = await stored(day)
    assert [vote.voter.name for vote in hidden.votes] == ["Alex Adler"]
    assert (hidden.digest, hidden.subject.facts) == (before.digest, before.subject.facts)
    assert "cannot be read at the moment" in text_of(day.card(BOARD).card)
    assert [entry.kind for entry in await day.audit(Kind.VOTES_VOID)] == []

    day.tenant.graph.faults.clear()
    await minute_later(day)
    assert (await stored(day)).hidden == ()
    assert "cannot be read at the moment" not in text_of(day.card(BOARD).card)
    await day.approve("cora", day.card(BOARD))
    assert "Approved" in text_of(day.card(BOARD).card)


async def test_nothing_is_carried_meanwhile(day: Office) -> None:
    """While a part is hidden, nothing is carried. When it is shown again, an approver can finish."""
    filed = day.tenant.portal.assign_script("rita", SCRIPT, "All-Windows-Laptops", "Disk space")
    await day.poll()
    card = day.card(BOARD)
    await day.approve("alex", card)
    answer = await day.approve("cora", card)
    hide(day, "script", Faults.HIDDEN)
    await minute_later(day)

    await day.sign_in("cora", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "needsApproval"
    assert "changed after the decision" not in text_of(card.card)

    day.tenant.graph.faults.clear()
    await minute_later(day)
    assert "approve" not in verbs_of(card.card)
    await day.sign_in("cora", sign_in_link(await day.click("cora", "finish", card)))
    assert day.tenant.graph.request(filed).status == "approved"
