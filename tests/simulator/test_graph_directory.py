"""Users, groups and membership, as Graph shows them."""

import pytest

from simulator.story import WORKER
from tests.simulator.loopback import Tenant

EVENTUAL = {"ConsistencyLevel": "eventual"}


async def test_group_by_name(tenant: Tenant) -> None:
    """A group shows what tells a plain security group from others; names are not unique."""
    (row,) = (await tenant.get("/v1.0/groups", filter="displayName eq 'Security-Admins'")).rows
    assert (row["securityEnabled"], row["mailEnabled"], row["groupTypes"]) == (True, False, [])
    assert len((await tenant.get("/v1.0/groups", filter="displayName eq 'Helpdesk'")).rows) == 2
    (everyone,) = (await tenant.get("/v1.0/groups", filter="displayName eq 'Everyone'")).rows
    assert everyone["groupTypes"] == ["Unified"]
    assert (await tenant.get("/v1.0/groups", filter="displayName eq ''")).rows == []


async def test_direct_and_nested_members(tenant: Tenant) -> None:
    """`members` shows the nested group itself, and `transitiveMembers` also its members."""
    path = f"/v1.0/groups/{tenant.world.group('Security-Team').id}"
    direct = (await tenant.get(f"{path}/members")).rows
    assert {row["@odata.type"] for row in direct} == {"#microsoft.graph.user", "#microsoft.graph.group"}
    everybody = {row["id"] for row in (await tenant.get(f"{path}/transitiveMembers")).rows}
    assert tenant.world.user("nina").id in everybody
    assert tenant.world.user("nina").id not in {row["id"] for row in direct}


async def test_casts_need_the_advanced_header(tenant: Tenant) -> None:
    """A cast works only with ConsistencyLevel and $count."""
    path = f"/v1.0/groups/{tenant.world.group('Security-Team').id}/transitiveMembers/microsoft.graph.user"
    assert (await tenant.get(path, count="true")).status == 400
    assert (await tenant.call("GET", path, headers=EVENTUAL)).status == 400
    people = await tenant.call("GET", path, headers=EVENTUAL, params={"$count": "true", "$select": "id,accountEnabled"})
    assert people.body["@odata.count"] == 3
    assert all(row["accountEnabled"] for row in people.rows)


async def test_counting_members(tenant: Tenant) -> None:
    """Devices count as members, and the count needs the header."""
    path = f"/v1.0/groups/{tenant.world.group('All-Windows-Laptops').id}/transitiveMembers/$count"
    assert (await tenant.get(path)).status == 400
    assert (await tenant.call("GET", path, headers=EVENTUAL)).body == "4"


async def test_check_member_groups(tenant: Tenant) -> None:
    """checkMemberGroups is transitive, takes at most twenty groups and ignores unknown ones."""
    team, admins = tenant.world.group("Security-Team").id, tenant.world.group("Security-Admins").id
    path = f"/v1.0/users/{tenant.world.user('nina').upn}/checkMemberGroups"
    answer = await tenant.call("POST", path, body={"groupIds": [team, admins, "unknown"]})
    assert answer.body["value"] == [team]
    assert (await tenant.call("POST", path, body={"groupIds": [team] * 21})).status == 400
    assert (await tenant.call("POST", path, body={"groupIds": "all"})).status == 400


async def test_groups_of_a_person(tenant: Tenant) -> None:
    """A person's groups are listed directly, or including those of nested groups."""
    nina, direct = f"/v1.0/users/{tenant.world.user('nina').id}", "Night-Shift"
    assert [row["displayName"] for row in (await tenant.get(f"{nina}/memberOf")).rows] == [direct]
    everything = (await tenant.get(f"{nina}/transitiveMemberOf")).rows
    assert {row["displayName"] for row in everything} == {direct, "Security-Team"}


async def test_user_by_id_or_name(tenant: Tenant) -> None:
    """Without $select a user has only basic properties; others have to be asked for by name."""
    dora = tenant.world.user("dora")
    assert "accountEnabled" not in (await tenant.get(f"/v1.0/users/{dora.id}")).body
    asked = (await tenant.get(f"/v1.0/users/{dora.upn}", select="id,accountEnabled,userType")).body
    assert (asked["id"], asked["accountEnabled"], asked["userType"]) == (dora.id, False, "Member")
    assert (await tenant.get("/v1.0/users/nobody@company.onmicrosoft.com")).error[:2] == (
        404,
        "Request_ResourceNotFound",
    )


async def test_accounts_of_one_person(tenant: Tenant) -> None:
    """Two accounts of one person share an employee id."""
    rows = (await tenant.get("/v1.0/users", filter="employeeId eq 'E-rita'", select="userPrincipalName")).rows
    assert [row["userPrincipalName"].split("@")[0] for row in rows] == ["rita", "ritaadmin"]


async def test_basic_profiles_hide_the_rest(tenant: Tenant) -> None:
    """With User.ReadBasic.All alone, Graph does not say whether an account is enabled."""
    worker = tenant.world.application(WORKER)
    worker.roles = {"User.ReadBasic.All"}
    user = (await tenant.get(f"/v1.0/users/{tenant.world.user('dora').id}", select="id,accountEnabled")).body
    assert user["accountEnabled"] is None


@pytest.mark.parametrize("missing", ["User.Read.All", "GroupMember.Read.All"])
async def test_membership_needs_both_permissions(tenant: Tenant, missing: str) -> None:
    """Reading membership needs one permission for the person and one for the groups."""
    tenant.world.application(WORKER).roles.discard(missing)
    path = f"/v1.0/users/{tenant.world.user('dana').id}/checkMemberGroups"
    assert (await tenant.call("POST", path, body={"groupIds": []})).status == 403
