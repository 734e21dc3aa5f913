"""People also decide in Intune's portal. The bot cannot prevent that, so it notices it, reports it, and offers a way
back."""

from typing import Literal

import pytest

from simulator.graph.faults import Fault, Kind
from simulator.graph.knobs import Knobs
from tests.office import Office, day_with, sign_in_link, text_of, verbs_of

BOARD = "Change Advisory Board"


async def _script(day: Office) -> str:
    return day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "An old printer needs it")


async def test_approved_below_quorum(day: Office) -> None:
    """An approval below quorum in the portal raises an alarm that names the approver. An eligible approver can cancel
    it by one click."""
    filed = await _script(day)
    await day.poll()
    card = day.card(BOARD)

    day.tenant.portal.approve("alex", filed, "Saves time")
    await day.pass_time(seconds=30)
    await day.poll()

    [alarm] = day.alarms()
    assert "Alarm: Update script Disable-LegacyTLS, requested by Rita Rossi" in alarm
    assert "the quorum here is not reached" in alarm
    assert "Alarm: approved in Intune below quorum" in text_of(card.card)
    assert "Alex Adler approved in Intune" in text_of(card.card)
    assert any("Approved in Intune by Alex Adler" in reply for reply in day.replies(card))

    outsider = await day.click("otto", "cancel-approval", card)
    await day.sign_in("otto", sign_in_link(outsider))
    assert day.tenant.graph.request(filed).status == "approved"

    answer = await day.click("cora", "cancel-approval", card)
    assert "withdrawn" in await day.sign_in("cora", sign_in_link(answer))
    assert [decision.verdict for decision in day.tenant.graph.decisions(filed)] == ["approve", "cancelApproval"]
    await day.poll()
    assert "Withdrawn" in text_of(card.card)
    assert verbs_of(card.card) == ["details"]


@day_with(knobs=Knobs(after_cancel="needsApproval"))
async def test_an_approval_that_was_withdrawn_opens_the_request_again(day: Office) -> None:
    """After a cancelled approval Intune may ask anew. Then the request is open here again, without the cancelled
    vote."""
    filed = await _script(day)
    await day.poll()
    card = day.card(BOARD)
    day.tenant.portal.approve("alex", filed)
    await day.poll()
    answer = await day.click("cora", "cancel-approval", card)
    await day.sign_in("cora", sign_in_link(answer))

    assert "0 of 2 approvals" in text_of(card.card)
    assert "Alarm" not in text_of(card.card)
    await day.approve("both", card)
    answer = await day.approve("alex", card)
    assert "Intune has been told" in await day.sign_in("alex", sign_in_link(answer))


async def test_approved_below_quorum_and_then_enough(day: Office) -> None:
    """A portal approval counts as that person's vote. When the missing vote comes by card, the quorum is reached."""
    filed = await _script(day)
    await day.poll()
    card = day.card(BOARD)
    day.tenant.portal.approve("alex", filed)
    await day.poll()
    assert "1 of 2 approvals; Change-Advisory-Board still open" in text_of(card.card)

    own = await day.click("alex", "details", card)
    assert "withdraw" not in verbs_of(own.card)
    answer = await day.approve("cora", card)

    assert "Sign in" not in text_of(answer.card)
    assert "Approved, not completed yet" in text_of(card.card)
    assert any("must press Complete in Intune" in reply for reply in day.replies(card))
    assert len(day.alarms()) == 1


@pytest.mark.parametrize("identity_sets", ["full", "null", "app_only"])
async def test_approved_by_an_eligible_person(day: Office, identity_sets: Literal["full", "null", "app_only"]) -> None:
    """If one approval is enough, an eligible person's portal approval is simply their vote. Intune's audit names them
    if the row does not."""
    day.tenant.graph.knobs.identity_sets = identity_sets
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    day.tenant.portal.approve("sam", filed, "Checked with Rita")
    await day.poll()

    assert "Sam Schmidt approved in Intune" in text_of(card.card)
    assert "Checked with Rita" in text_of(card.card)
    assert "Approved, not completed yet" in text_of(card.card)
    assert day.alarms() == []
    late = await day.click("dana", "details", card)
    assert "approve" not in verbs_of(late.card)


async def test_approved_by_somebody_who_is_no_approver_here(day: Office) -> None:
    """A portal approval by a person who is no approver here counts for nothing, and raises an alarm."""
    world = day.tenant.world
    next(one for one in world.policies.values() if one.policy_type == "deviceWipe").approver_group_ids = [
        world.group("IT-Directors").id
    ]
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()

    day.tenant.portal.approve("ivan", filed)
    await day.poll()

    [alarm] = day.alarms()
    assert "not reached" in alarm
    assert "Approved in Intune by Ivan Ilic" in day.replies(day.card())[-1]
    assert "0 of 1 approval" in text_of(day.card().card)


@pytest.mark.parametrize(
    ("how", "word", "reply"),
    [
        ("rejected", "Rejected", "Rejected in Intune by Sam Schmidt"),
        ("cancelled", "Withdrawn", "Withdrawn in Intune by the one who asked"),
        ("expired", "Expired", "Expired with 0 of 1 approval"),
    ],
)
async def test_ended_in_the_portal(day: Office, how: str, word: str, reply: str) -> None:
    """A request that ends in the portal ends here as well. The card says who ended it, and there is no alarm."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    ends = {
        "rejected": lambda: day.tenant.portal.reject("sam", filed, "She found it"),
        "cancelled": lambda: day.tenant.portal.cancel("rita", filed),
        "expired": lambda: None,
    }
    ends[how]()
    await day.pass_time(days=3 if how == "expired" else 0, seconds=30)
    await day.poll()

    assert word in text_of(card.card)
    assert any(reply in said for said in day.replies(card))
    assert verbs_of(card.card) == ["details"]
    assert "refresh" not in (card.card or {})
    assert day.alarms() == []


async def test_completed_before_the_approval_was_seen(day: Office) -> None:
    """A request that was approved and completed below quorum between two polls raises an alarm."""
    filed = await _script(day)
    await day.poll()
    card = day.card(BOARD)

    day.tenant.portal.approve("alex", filed)
    day.tenant.portal.complete("rita", filed)
    await day.poll()

    assert "Alarm: completed in Intune below quorum" in text_of(card.card)
    assert "cancel-approval" not in verbs_of(card.card)
    [alarm] = day.alarms()
    assert "completed in Intune without the quorum" in alarm


async def test_filed_and_approved_while_the_bot_was_down(day: Office) -> None:
    """A request that was filed and approved while the bot was down is posted afterwards, with an alarm."""
    await day.poll()
    filed = await _script(day)
    day.tenant.portal.approve("alex", filed)
    await day.pass_time(hours=7)

    await day.poll()

    [alarm] = day.alarms()
    assert "Update script Disable-LegacyTLS" in alarm
    assert "approved in Intune below quorum" in text_of(day.card(BOARD).card)


async def test_filed_approved_and_completed_while_the_bot_was_down(day: Office) -> None:
    """A request that was filed, approved and completed while the bot was down is still reported with an alarm."""
    await day.poll()
    filed = await _script(day)
    day.tenant.portal.approve("alex", filed)
    day.tenant.portal.complete("rita", filed)
    await day.pass_time(hours=7)

    await day.poll()

    assert len(day.alarms()) == 1
    assert "completed in Intune below quorum" in text_of(day.card(BOARD).card)


@pytest.mark.parametrize("first", [True, False])
async def test_what_could_not_be_taken_in_is_read_again(day: Office, first: bool) -> None:
    """A request that could not be taken in is read again later, although newer ones were taken in; also on the first
    start."""
    if not first:
        await day.poll()
    await _script(day)
    await day.pass_time(minutes=30)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.faults.append(Fault(Kind.LOST_REQUEST, "/deviceManagementScripts/", method="GET", times=20))
    await day.poll()
    assert (len(day.requests(BOARD)), len(day.requests())) == (0, 1)

    day.tenant.graph.faults.clear()
    await day.pass_time(minutes=1)
    await day.poll()
    assert (len(day.requests(BOARD)), len(day.requests())) == (1, 1)


async def test_the_first_start(day: Office) -> None:
    """On the first start, closed requests are recorded and not posted; open ones are posted."""
    done = await _script(day)
    day.tenant.portal.approve("alex", done)
    day.tenant.portal.complete("rita", done)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.pass_time(hours=1)

    await day.poll()

    assert day.requests(BOARD) == []
    assert len(day.requests()) == 1
    assert day.alarms() == []
    assert not [one for one in day.tenant.graph.calls if "auditEvents" in one.path]  # nobody needs to know when it was


async def test_approved_after_the_rejection_here(day: Office) -> None:
    """An approval in the portal after a rejection here raises an alarm, and it can be cancelled."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    await day.reject("dana", card, "Not stolen")
    assert "Rejected here, still open in Intune" in text_of(card.card)

    day.tenant.portal.approve("sam", filed)
    await day.poll()

    [alarm] = day.alarms()
    assert "Rejected here, but somebody approved it in Intune" in alarm
    answer = await day.click("dana", "cancel-approval", card)
    assert "withdrawn" in await day.sign_in("dana", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "cancelled"
