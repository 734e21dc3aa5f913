"""People and groups in the directory: who a person is, the person's groups, and the groups that Intune accepts."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from approvals.people import Group
from bot.graph.directory import MEMBERS_LIVE, GraphDirectory
from bot.graph.finding import find_groups
from bot.graph.groups import find_group
from bot.graph.http import GraphClient
from bot.graph.people import IdentityRule
from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, Unavailable
from simulator.graph.faults import Fault, Kind
from tests.bot.graph.scripted import ScriptedGraph
from tests.bot.graph.tenant import Tenant
from tests.fakes.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def directory_of(client: GraphClient, clock: Clock, identities: IdentityRule = "none", **how: Any) -> GraphDirectory:
    return GraphDirectory(client, identities, **{"direct_membership": True} | how, clock=clock)


@pytest.fixture
def transitive(tenant: Tenant, clock: Clock) -> GraphDirectory:
    return directory_of(tenant.client, clock, direct_membership=False)


def user(account: str = "u1", **differences: Any) -> dict[str, Any]:
    plain = {"id": account, "displayName": "Uma", "userPrincipalName": f"{account}@x", "accountEnabled": True}
    return plain | {"userType": "Member", "employeeId": "7"} | differences


# --- eligibility --------------------------------------------------------------------------------------------------


async def test_direct_membership_is_one_call(graph: ScriptedGraph, client: GraphClient, clock: Clock) -> None:
    """Direct memberships are read in one call for all groups; only the groups asked for are returned, in the spelling
    of the question."""
    graph.tell("/v1.0/users/u1", user())
    graph.tell("/v1.0/users/u1/memberOf", {"value": [{"id": "g1"}], "@odata.nextLink": f"{graph.origin}/more"})
    graph.tell("/more", {"value": [{"id": "g3"}, {"id": "other"}]})
    standing = await directory_of(client, clock).eligibility("u1", ["G1", "g2", "g3"])
    assert standing is not None
    assert standing.groups == {"G1", "g3"}
    assert standing.person.account == "u1"
    assert standing.active
    assert sorted(graph.called()) == ["GET /more", "GET /v1.0/users/u1", "GET /v1.0/users/u1/memberOf"]


async def test_nested_members_count_where_that_is_wanted(tenant: Tenant, transitive: GraphDirectory) -> None:
    """A member of a nested group counts if nested membership is configured."""
    group = tenant.world.group("Security-Team").id
    standing = await transitive.eligibility(tenant.person("nina").id, [group])
    assert standing is not None
    assert standing.groups == {group}


async def test_nested_members_do_not_count_by_default(tenant: Tenant, clock: Clock) -> None:
    """By default a member of a nested group does not count, because Intune is reported to ignore nesting."""
    directory, group = directory_of(tenant.client, clock), tenant.world.group("Security-Team").id
    nina = await directory.eligibility(tenant.person("nina").id, [group])
    sam = await directory.eligibility(tenant.person("sam").id, [group])
    assert nina is not None
    assert sam is not None
    assert (nina.groups, sam.groups) == (frozenset(), frozenset({group}))


async def test_many_groups_are_asked_in_parts(tenant: Tenant, transitive: GraphDirectory) -> None:
    """Graph is asked for at most twenty groups at a time."""
    groups = [group.id for group in tenant.world.groups.values()] + [f"none-{number}" for number in range(40)]
    standing = await transitive.eligibility(tenant.person("both").id, groups)
    assert standing is not None
    names = {tenant.world.groups[group].name for group in standing.groups}
    assert names == {"Security-Admins", "Change-Advisory-Board"}
    assert sum(call.path.endswith("checkMemberGroups") for call in tenant.graph.calls) == 3


@pytest.mark.parametrize(
    "differences",
    [
        {"accountEnabled": None},
        {"accountEnabled": "true"},
        {"userType": None},
        {"userType": "Guest"},
        {"userPrincipalName": "a_other.example#EXT#@x"},
    ],
)
async def test_what_the_directory_does_not_say_is_no_yes(
    graph: ScriptedGraph, client: GraphClient, clock: Clock, differences: dict[str, Any]
) -> None:
    """An account counts as active only if the directory says that it is enabled, a member and not a guest."""
    graph.tell("/v1.0/users/u1", user(**differences))
    standing = await directory_of(client, clock).eligibility("u1", [])
    assert standing is not None
    assert not standing.active


@pytest.mark.parametrize("account", ["", "  ", "nobody", "no#body?x"])
async def test_nobody_of_that_name(tenant: Tenant, transitive: GraphDirectory, account: str) -> None:
    """An account name that is empty or unknown gives `None`."""
    assert await transitive.eligibility(account, [tenant.world.group("Security-Team").id]) is None
    assert await transitive.person(account) is None


@pytest.mark.parametrize("name", ["by id", "by name"])
async def test_an_account_that_is_not_found_for_a_moment(tenant: Tenant, transitive: GraphDirectory, name: str) -> None:
    """If an account is not found for a moment, it is looked up in the list of users, so that no person loses a vote for
    that."""
    dana, group = tenant.person("dana"), tenant.world.group("Device-Managers").id
    account = dana.id if name == "by id" else dana.upn
    tenant.graph.faults.append(Fault(Kind.MISSING, "/users/[^/]+$", times=2))

    person, standing = await transitive.person(account), await transitive.eligibility(account, [group])

    assert person is not None
    assert standing is not None
    assert (person.name, standing.active, standing.groups) == (dana.name, True, frozenset({group}))


@pytest.mark.parametrize("path", ["/checkMemberGroups$", "/users(/[^/]+)?$"])
async def test_a_directory_that_contradicts_itself(tenant: Tenant, transitive: GraphDirectory, path: str) -> None:
    """If the directory knows an account and not its groups, or returns no users at all, an error is raised, and the
    person does not count as unknown."""
    tenant.graph.faults.append(Fault(Kind.MISSING, path, times=9))

    with pytest.raises(Unavailable):
        await transitive.eligibility(tenant.person("dana").id, [tenant.world.group("Device-Managers").id])


async def test_a_vote_reads_anew(tenant: Tenant, transitive: GraphDirectory) -> None:
    """Each question reads the memberships again, so a person who was just removed from a group no longer counts."""
    group, dana = tenant.world.group("Device-Managers"), tenant.person("dana").id
    before = await transitive.eligibility(dana, [group.id])
    group.members.discard(dana)
    after = await transitive.eligibility(dana, [group.id])
    assert before is not None
    assert after is not None
    assert (before.groups, after.groups) == (frozenset({group.id}), frozenset())


async def test_no_directory_no_answer(tenant: Tenant, transitive: GraphDirectory) -> None:
    """A directory that fails raises an error, and does not look like an empty one."""
    tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "checkMemberGroups", times=99))
    with pytest.raises(Unavailable):
        await transitive.eligibility(tenant.person("dana").id, [tenant.world.group("Device-Managers").id])


async def test_the_same_question_at_once_is_one_call(graph: ScriptedGraph, client: GraphClient, clock: Clock) -> None:
    """The same question asked by several callers at the same moment is one call; the next question is a new call."""
    held = asyncio.Event()
    graph.tell("/v1.0/users/u1", user(), hold=held)
    graph.tell("/v1.0/users/u1/memberOf", {"value": [{"id": "g1"}]})
    directory = directory_of(client, clock)
    asking = [asyncio.create_task(directory.eligibility("u1", ["g1"])) for _ in range(20)]
    await asyncio.sleep(0)
    held.set()
    assert len({standing.groups for standing in await asyncio.gather(*asking) if standing}) == 1
    assert graph.called().count("GET /v1.0/users/u1") == 1
    await directory.eligibility("u1", ["g1"])
    assert graph.called().count("GET /v1.0/users/u1") == 2


# --- one human, several accounts ----------------------------------------------------------------------------------


async def accounts_of(tenant: Tenant, clock: Clock, name: str, identities: IdentityRule) -> set[str]:
    """Return the first parts of the user names of the accounts that are linked to this person."""
    person = await directory_of(tenant.client, clock, identities).person(tenant.person(name).id)
    assert person is not None
    assert person.account == tenant.person(name).id
    return {tenant.world.users[account].upn.split("@")[0] for account in person.accounts}


async def test_unlinked(tenant: Tenant, clock: Clock) -> None:
    """Without links, each account is a separate human."""
    assert await accounts_of(tenant, clock, "rita", "none") == {"rita"}


async def test_linked_by_employee_id(tenant: Tenant, clock: Clock) -> None:
    """Accounts with the same employee id belong to one human, also if one is disabled; accounts without an employee id
    are not linked."""
    tenant.person("ritaadmin").enabled = False
    assert await accounts_of(tenant, clock, "rita", "employeeId") == {"rita", "ritaadmin"}
    assert await accounts_of(tenant, clock, "ritaadmin", "employeeId") == {"rita", "ritaadmin"}
    assert await accounts_of(tenant, clock, "emergency-admin-1", "employeeId") == {"emergency-admin-1"}


async def test_an_employee_id_is_no_query(tenant: Tenant, clock: Clock) -> None:
    """Quotes in an employee id cannot change the query."""
    tenant.person("rita").employee_id = tenant.person("ritaadmin").employee_id = "x' or id ne '"
    assert await accounts_of(tenant, clock, "rita", "employeeId") == {"rita", "ritaadmin"}


async def test_employee_ids_are_compared_here_too(graph: ScriptedGraph, client: GraphClient, clock: Clock) -> None:
    """Accounts that Graph returns with another employee id are not linked."""
    graph.tell("/v1.0/users/u1", user())
    graph.tell("/v1.0/users", {"value": [user(), user("u2"), user("u3", employeeId="8"), user("u4", employeeId=None)]})
    person = await directory_of(client, clock, "employeeId").person("u1")
    assert person is not None
    assert person.accounts == {"u1", "u2"}


@pytest.mark.parametrize("by", ["id", "upn"])
async def test_linked_by_a_list(tenant: Tenant, clock: Clock, by: str) -> None:
    """A configured list links accounts by object id or user principal name, in any casing; accounts that are gone link
    nobody."""
    rita, admin = tenant.person("rita"), tenant.person("ritaadmin")
    names: list[str] = [rita.id, admin.id] if by == "id" else [rita.upn.upper(), admin.upn]
    humans: Sequence[Sequence[str]] = [[*names, "gone@company.example"], [tenant.person("sam").id]]
    assert await accounts_of(tenant, clock, "rita", humans) == {"rita", "ritaadmin"}
    assert await accounts_of(tenant, clock, "ritaadmin", humans) == {"rita", "ritaadmin"}
    assert await accounts_of(tenant, clock, "dana", humans) == {"dana"}


async def test_links_that_cannot_be_read_are_no_links_missing(tenant: Tenant, clock: Clock) -> None:
    """If the links cannot be read, an error is raised; otherwise a requestor's second account would pass for another
    person."""
    tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "/users$", times=99))
    with pytest.raises(Unavailable):
        await accounts_of(tenant, clock, "rita", "employeeId")


async def test_a_person_by_name(tenant: Tenant, transitive: GraphDirectory) -> None:
    """A user principal name finds the same person as the object id."""
    rita = tenant.person("rita")
    by_name, by_id = await transitive.person(rita.upn), await transitive.person(rita.id)
    assert by_name == by_id
    assert by_id is not None
    assert by_id.name == "Rita Rossi"


# --- groups -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direct", [True, False])
async def test_members_are_the_active_people(tenant: Tenant, clock: Clock, direct: bool) -> None:
    """The members of a group are its active people, without disabled accounts and nested groups; nested people count if
    configured."""
    directory = directory_of(tenant.client, clock, direct_membership=direct)
    managers = await directory.members(tenant.world.group("Device-Managers").id)
    assert {person.name for person in managers} == {"Dana Diaz", "Rita Rossi (admin)", "Noa Nilsen"}
    team = {person.name for person in await directory.members(tenant.world.group("Security-Team").id)}
    assert team == {"Sam Schmidt", "Petra Peters"} | (set() if direct else {"Nina Novak"})


@pytest.mark.parametrize("direct", [True, False])
async def test_somebody_on_two_pages_is_one_member(tenant: Tenant, clock: Clock, direct: bool) -> None:
    """A person who appears on two pages is one member."""
    tenant.graph.knobs.directory_page, tenant.graph.knobs.page_overlap = 2, 1
    members = await directory_of(tenant.client, clock, direct_membership=direct).members(
        tenant.world.group("Device-Managers").id
    )
    assert sorted(person.name for person in members) == ["Dana Diaz", "Noa Nilsen", "Rita Rossi (admin)"]


async def test_a_group_on_two_pages_is_one_group(graph: ScriptedGraph, client: GraphClient) -> None:
    """A group that appears on two pages, with its id in two casings, is one group."""
    group = {"id": "a1", "displayName": "Team", "securityEnabled": True, "groupTypes": []}
    graph.tell("/v1.0/groups", {"value": [group], "@odata.nextLink": f"{graph.origin}/v1.0/more"})
    graph.tell("/v1.0/more", {"value": [group | {"id": "A1"}]})
    assert await find_group(client, "Team") == Group("a1", "Team")
    assert [one.id for one in await find_groups(client, "Team")] == ["a1"]


async def test_members_are_remembered_for_five_minutes(tenant: Tenant, clock: Clock) -> None:
    """Members are remembered for five minutes by the shared clock; setting the clock back makes no answer live
    longer."""
    directory, group = directory_of(tenant.client, clock), tenant.world.group("IT-Directors")
    before = await directory.members(group.id)
    group.members.clear()
    clock.time += MEMBERS_LIVE - timedelta(seconds=1)
    assert await directory.members(group.id) == before
    clock.time += timedelta(seconds=1)
    assert await directory.members(group.id) == ()
    group.members.add(tenant.person("ivan").id)
    clock.time -= timedelta(days=1)
    assert await directory.members(group.id) == before


async def test_a_group_that_is_gone(tenant: Tenant, clock: Clock) -> None:
    """A group that is gone raises `NotFound`, and does not look empty."""
    with pytest.raises(NotFound):
        await directory_of(tenant.client, clock).members("gone")


@pytest.mark.parametrize("by", ["name", "id", "other casing"])
async def test_a_group_is_found(tenant: Tenant, by: str) -> None:
    """A group is found by its name, in any casing, or by its object id."""
    group = tenant.world.group("Security-Admins")
    asked = {"name": group.name, "id": group.id, "other casing": " security-ADMINS "}[by]
    assert await find_group(tenant.client, asked) == Group(group.id, "Security-Admins")


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("Helpdesk", Conflict, "2 groups called"),
        ("Everyone", Forbidden, "Microsoft 365 group"),
        ("Security-Announcements", Forbidden, "mail-enabled security group"),
        ("Nobody", NotFound, "no group"),
        ("11111111-1111-4111-8111-111111111111", NotFound, "object id"),
        ("x' or displayName ne '", NotFound, "no group"),
        ("", NotFound, "without a name"),
        ("   ", NotFound, "without a name"),
    ],
)
async def test_a_group_that_cannot_approve(tenant: Tenant, name: str, error: type[PortError], sentence: str) -> None:
    """A group that is ambiguous, unknown or of a kind that Intune ignores is refused, and the error says which."""
    with pytest.raises(error, match=sentence):
        await find_group(tenant.client, name)


async def test_a_distribution_list_cannot_approve(graph: ScriptedGraph, client: GraphClient) -> None:
    """A distribution list, a group of no known kind and a group with a hidden kind are refused."""
    for number, kind in enumerate(({"mailEnabled": True}, {"securityEnabled": False}, {})):
        group_id = f"{number}1111111-1111-4111-8111-111111111111"
        graph.tell(f"/v1.0/groups/{group_id}", {"id": group_id, "displayName": "List", **kind})
        with pytest.raises(Forbidden):
            await find_group(client, group_id)
