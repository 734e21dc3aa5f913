"""Requests in chat to assign a script to a group. Existing assignments stay as they are, or nothing is done."""

from typing import Any

from approvals.problems import AssignedOtherwise, DoneBefore, GroupExcluded, NoTarget
from cards.problems import problem_sentence
from simulator.graph.faults import Fault, Kind
from tests.office import Office, day_with, sign_in_link, text_of

ASKING = day_with(asking=True)
BOARD = "Change Advisory Board"
ASK = "/script Disable-LegacyTLS to Executives"
CUT = {"deviceAndAppManagementAssignmentFilterId": "f1", "deviceAndAppManagementAssignmentFilterType": "include"}


def script_of(day: Office) -> dict[str, Any]:
    """Return the script of these tests."""
    [found] = [one for one in day.tenant.world.scripts.values() if one["displayName"] == "Disable-LegacyTLS"]
    return found


def assign(day: Office, group: str, kind: str = "group", **more: Any) -> None:
    """Assign the script directly in Intune, as a person whom no policy holds back."""
    target = {"@odata.type": f"#microsoft.graph.{kind}AssignmentTarget", "groupId": day.tenant.world.group(group).id}
    script_of(day)["assignments"].append({"id": f"a-{group}-{kind}", "target": target | more})


async def refused(day: Office) -> str:
    """Request the assignment as Rita, check that it is refused, and return the card's text."""
    [card] = await day.say("rita", ASK)
    assert not await day.bot.store.requests.open_ids()
    assert "Nothing was asked for" in text_of(card.card)
    return text_of(card.card)


@ASKING
async def test_an_excluded_group_is_not_included(day: Office) -> None:
    """A group that is excluded is not included. The author reads that it is excluded."""
    assign(day, "Executives", "exclusionGroup")
    assert problem_sentence(GroupExcluded("Executives")) in await refused(day)


@ASKING
async def test_a_filter_is_not_lost(day: Office) -> None:
    """An assignment of the group with a filter is not replaced by one without it."""
    assign(day, "Executives", **CUT)
    assert problem_sentence(AssignedOtherwise("Executives")) in await refused(day)


@ASKING
async def test_an_assignment_without_a_target_is_not_dropped(day: Office) -> None:
    """While the script has an assignment without a target, nothing is requested: nobody knows whom that one reaches."""
    script_of(day)["assignments"].append({"id": "a1"})
    assert problem_sentence(NoTarget()) in await refused(day)


@ASKING
async def test_what_is_so_already_is_not_asked_for(day: Office) -> None:
    """An assignment that already exists is not requested again."""
    assign(day, "Executives")
    assert problem_sentence(DoneBefore()) in await refused(day)


@ASKING
async def test_the_card_shows_what_stands(day: Office) -> None:
    """The card shows the assignments that the call keeps."""
    assign(day, "All-Windows-Laptops", "exclusionGroup")
    assign(day, "Service-Desk", **CUT)
    await day.ask("rita", ASK, "Turn TLS 1.0 off, CHG-7")
    details = await day.click("alex", "details", day.card(BOARD))
    seen = text_of(details.card)
    assert "Executives (security group, 1 member)" in seen
    assert "Not: All-Windows-Laptops" in seen
    assert seen.count("Still reaches") == 2


@ASKING
async def test_what_was_assigned_meanwhile_keeps_it_from_being_filed(day: Office) -> None:
    """An order is not filed if somebody changed the assignments meanwhile: the call would undo that change."""
    await day.ask("rita", ASK, "Turn TLS 1.0 off, CHG-7")
    await day.approve("alex", day.card(BOARD))
    answer = await day.approve("cora", day.card(BOARD))
    assign(day, "Executives", "exclusionGroup")
    await day.sign_in("cora", sign_in_link(answer))
    await day.pass_time(minutes=5)
    assert day.tenant.graph.requests() == []
    assert [one["target"]["@odata.type"] for one in script_of(day)["assignments"]] == [
        "#microsoft.graph.exclusionGroupAssignmentTarget"
    ]
    assert day.alarms()


@ASKING
async def test_what_was_assigned_before_the_end_keeps_it_from_being_completed(day: Office) -> None:
    """An order is not completed if somebody changed the assignments after filing: the approved call would undo that
    change."""
    await day.ask("rita", ASK, "Turn TLS 1.0 off, CHG-7")
    await day.approve("alex", day.card(BOARD))
    answer = await day.approve("cora", day.card(BOARD))
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "/approve$", times=9))
    await day.sign_in("cora", sign_in_link(answer))
    [filed] = day.tenant.graph.requests()
    assign(day, "Service-Desk")
    day.tenant.graph.faults.clear()
    day.tenant.portal.approve("alex", filed.id)
    await day.pass_time(minutes=5)
    assert [one["target"]["groupId"] for one in script_of(day)["assignments"]] == [
        day.tenant.world.group("Service-Desk").id
    ]
    assert day.tenant.graph.request(filed.id).status == "approved"
    assert day.alarms()
