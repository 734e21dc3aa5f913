"""`Directory`: who somebody is, and which groups hold them, read anew for every vote."""

import pytest

from approvals.people import Person
from handlers.ports.errors import NotFound
from tests.contracts.tenants import Company


async def test_a_standing_says_who_it_is_and_which_of_the_asked_groups_hold_them(company: Company) -> None:
    """No other group, whatever else holds them."""
    admins, cab = company.world.group("Security-Admins"), company.world.group("Change-Advisory-Board")
    both = company.account("both")

    eligibility = await company.directory.eligibility(both, [admins.id, company.world.group("IT-Directors").id])

    assert both in cab.members
    assert eligibility is not None
    assert (eligibility.person.account, eligibility.groups, eligibility.active) == (both, frozenset({admins.id}), True)


@pytest.mark.parametrize(("name", "active"), [("dana", True), ("gus", False), ("dora", False)])
async def test_only_enabled_people_of_this_tenant_are_active(company: Company, name: str, active: bool) -> None:
    """No guest, and nobody who is locked out."""
    eligibility = await company.directory.eligibility(company.account(name), [])
    assert eligibility is not None
    assert eligibility.active is active


async def test_nobody_of_that_account_is_none(company: Company) -> None:
    """And no error: there may have been somebody."""
    assert await company.directory.eligibility("nobody", [company.world.group("Security-Admins").id]) is None
    assert await company.directory.person("nobody") is None


async def test_a_vote_reads_anew(company: Company) -> None:
    """Somebody who was taken out of the group a moment ago is out."""
    managers, dana = company.world.group("Device-Managers"), company.account("dana")
    before = await company.directory.eligibility(dana, [managers.id])
    managers.members.discard(dana)
    after = await company.directory.eligibility(dana, [managers.id])

    assert before is not None
    assert after is not None
    assert (before.groups, after.groups) == (frozenset({managers.id}), frozenset())


async def test_a_person_has_a_name_and_themselves_among_their_accounts(company: Company) -> None:
    """Where no others are linked, nobody else."""
    rita = company.account("rita")
    assert await company.directory.person(rita) == Person(rita, "Rita Rossi", frozenset({rita}))


async def test_members_are_the_enabled_people_of_a_group(company: Company) -> None:
    """Each as one account; a group in it is no person."""
    team = company.world.group("Security-Team")
    team.members.add(company.account("dora"))

    members = await company.directory.members(team.id)

    assert {person.name for person in members} == {"Sam Schmidt", "Petra Peters"}
    assert all(person.accounts == {person.account} for person in members)


async def test_a_group_that_is_gone_is_no_empty_one(company: Company) -> None:
    """Else a workflow would seem to have nobody."""
    with pytest.raises(NotFound):
        await company.directory.members("gone")
