"""`Directory`: who a person is and which groups they are in, read again for every vote."""

import pytest

from approvals.people import Person
from handlers.ports.errors import NotFound
from tests.contracts.tenants import Company


async def test_a_standing_says_who_it_is_and_which_of_the_asked_groups_hold_them(company: Company) -> None:
    """An eligibility names the person and, of the groups asked for, those that the person is in."""
    admins, cab = company.world.group("Security-Admins"), company.world.group("Change-Advisory-Board")
    both = company.account("both")

    eligibility = await company.directory.eligibility(both, [admins.id, company.world.group("IT-Directors").id])

    assert both in cab.members
    assert eligibility is not None
    assert (eligibility.person.account, eligibility.groups, eligibility.active) == (both, frozenset({admins.id}), True)


@pytest.mark.parametrize(("name", "active"), [("dana", True), ("gus", False), ("dora", False)])
async def test_only_enabled_people_of_this_tenant_are_active(company: Company, name: str, active: bool) -> None:
    """Only enabled people of this tenant are active; guests and disabled accounts are not."""
    eligibility = await company.directory.eligibility(company.account(name), [])
    assert eligibility is not None
    assert eligibility.active is active


async def test_nobody_of_that_account_is_none(company: Company) -> None:
    """An unknown account gives None and no error."""
    assert await company.directory.eligibility("nobody", [company.world.group("Security-Admins").id]) is None
    assert await company.directory.person("nobody") is None


async def test_a_vote_reads_anew(company: Company) -> None:
    """Each read is fresh: a person who has just left a group is not in it."""
    managers, dana = company.world.group("Device-Managers"), company.account("dana")
    before = await company.directory.eligibility(dana, [managers.id])
    managers.members.discard(dana)
    after = await company.directory.eligibility(dana, [managers.id])

    assert before is not None
    assert after is not None
    assert (before.groups, after.groups) == (frozenset({managers.id}), frozenset())


async def test_a_person_has_a_name_and_themselves_among_their_accounts(company: Company) -> None:
    """A person has a name, and their own account is among their accounts."""
    rita = company.account("rita")
    assert await company.directory.person(rita) == Person(rita, "Rita Rossi", frozenset({rita}))


async def test_members_are_the_enabled_people_of_a_group(company: Company) -> None:
    """The members of a group are its enabled people; a group inside it is not a person."""
    team = company.world.group("Security-Team")
    team.members.add(company.account("dora"))

    members = await company.directory.members(team.id)

    assert {person.name for person in members} == {"Sam Schmidt", "Petra Peters"}
    assert all(person.accounts == {person.account} for person in members)


async def test_a_group_that_is_gone_is_no_empty_one(company: Company) -> None:
    """A deleted group is an error and not an empty group, or its workflow would seem to have no approvers."""
    with pytest.raises(NotFound):
        await company.directory.members("gone")
