"""Users, groups and their members."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from simulator.graph import odata, permissions
from simulator.graph.call import Answer, Call, Route
from simulator.graph.errors import GraphError, bad_request
from simulator.graph.knobs import Knobs
from simulator.world import Group, User, World

MOST_GROUPS_PER_CHECK = 20
MOST_COMPARED = 120
_NO_DEVICE = "00000000-0000-0000-0000-000000000000"  # Intune's id for unregistered devices
# Properties returned without $select; all others have to be named.
_DEFAULT_USER = frozenset(("id", "displayName", "userPrincipalName", "mail", "givenName", "surname"))


class Directory:
    """The world's people and groups; read-only."""

    def __init__(self, world: World, knobs: Knobs) -> None:
        self._world = world
        self._knobs = knobs

    def routes(self) -> list[Route]:
        """Return the routes."""
        group, user = "/groups/{id}", "/users/{id}"
        return [
            Route("GET", "/groups", self._list_groups, permissions.GROUPS),
            Route("GET", group, self._get_group, permissions.GROUPS),
            Route("GET", f"{group}/members", self._members, permissions.MEMBERS),
            Route("GET", f"{group}/members/$count", self._count_members, permissions.MEMBERS),
            Route("GET", f"{group}/members/{{cast}}", self._members, permissions.MEMBERS),
            Route("GET", f"{group}/transitiveMembers", self._all_members, permissions.MEMBERS),
            Route("GET", f"{group}/transitiveMembers/$count", self._count_all_members, permissions.MEMBERS),
            Route("GET", f"{group}/transitiveMembers/{{cast}}", self._all_members, permissions.MEMBERS),
            Route("GET", "/users", self._list_users, permissions.USERS),
            Route("GET", user, self._get_user, permissions.USERS),
            Route("GET", "/devices", self._list_devices, permissions.DEVICES),
            Route("GET", "/devices(deviceId='{id}')/transitiveMemberOf", self._groups_of_device, permissions.DEVICES),
            Route("GET", f"{user}/memberOf", self._groups_of, permissions.MEMBER_OF),
            Route("GET", f"{user}/transitiveMemberOf", self._all_groups_of, permissions.MEMBER_OF),
            Route("POST", f"{user}/checkMemberGroups", self._check_member_groups, permissions.CHECK_MEMBERSHIP),
        ]

    def user(self, name: str) -> User:
        """Return the account of that id or user principal name; raises `GraphError` 404."""
        for user in self._world.users.values():
            if name.lower() in {user.id, user.upn.lower()}:
                return user
        raise _absent(name)

    def _page(self, call: Call, rows: Sequence[odata.Row], what: str, properties: Iterable[str] = ()) -> Answer:
        largest, overlap = self._knobs.directory_page, self._knobs.page_overlap
        return odata.collection(call, rows, what, properties=properties, largest=largest, overlap=overlap)

    def _list_groups(self, call: Call) -> Answer:
        return self._page(call, [_group_row(group) for group in self._world.groups.values()], "groups")

    def _get_group(self, call: Call) -> Answer:
        return odata.entity(call, _group_row(self._group(call)), "groups")

    def _members(self, call: Call) -> Answer:
        return self._list_members(call, self._group(call).members)

    def _all_members(self, call: Call) -> Answer:
        return self._list_members(call, self._flattened(self._group(call)))

    def _count_members(self, call: Call) -> Answer:
        return self._count(call, self._group(call).members)

    def _count_all_members(self, call: Call) -> Answer:
        return self._count(call, self._flattened(self._group(call)))

    def _list_members(self, call: Call, ids: Iterable[str]) -> Answer:
        kind = "#" + call.arguments["cast"] if "cast" in call.arguments else ""
        if kind or {"$filter", "$orderby"} & set(call.query):
            _require_advanced(call)
        rows = [self._object_row(call, object_id) for object_id in sorted(ids)]
        chosen = [row for row in rows if not kind or row["@odata.type"].lower() == kind.lower()]
        return self._page(call, chosen, "directoryObjects")

    def _count(self, call: Call, ids: Iterable[str]) -> Answer:
        _require_eventual(call)
        return odata.count(call, [self._object_row(call, object_id) for object_id in ids])

    def _list_users(self, call: Call) -> Answer:
        _require_comparable(call)
        rows = [_user_row(user) for user in self._world.users.values()]
        chosen = odata.matching(call, rows)
        return self._page(call, [_readable(call, row) for row in chosen], "users", properties=rows[0])

    def _get_user(self, call: Call) -> Answer:
        return odata.entity(call, _readable(call, _user_row(self.user(call.arguments["id"]))), "users")

    def _groups_of(self, call: Call) -> Answer:
        return self._list_groups_where(call, self._world.direct_member)

    def _all_groups_of(self, call: Call) -> Answer:
        return self._list_groups_where(call, self._world.transitive_member)

    def _list_devices(self, call: Call) -> Answer:
        rows = [{"id": one, "deviceId": one} for one in self._device_ids()]
        return self._page(call, rows, "devices")

    def _groups_of_device(self, call: Call) -> Answer:
        device = call.arguments["id"]
        if device not in self._device_ids():
            raise _absent(device)
        holding = [group for group in self._world.groups if self._world.transitive_member(device, group)]
        return self._page(call, [self._object_row(call, group) for group in holding], "directoryObjects")

    def _device_ids(self) -> list[str]:
        known = {device["azureADDeviceId"] for device in self._world.devices.values()}
        return sorted(known - self._world.unregistered - {"", _NO_DEVICE})

    def _list_groups_where(self, call: Call, holds: Callable[[str, str], bool]) -> Answer:
        user = self.user(call.arguments["id"])
        rows = [self._object_row(call, group) for group in self._world.groups if holds(user.id, group)]
        return self._page(call, rows, "directoryObjects")

    def _check_member_groups(self, call: Call) -> Answer:
        user = self.user(call.arguments["id"])
        ids = call.json().get("groupIds")
        if not isinstance(ids, list) or not all(isinstance(group_id, str) for group_id in ids):
            raise bad_request("The property 'groupIds' must be a collection of strings.")
        if len(ids) > MOST_GROUPS_PER_CHECK:
            raise GraphError(400, "Request_BadRequest", "The number of values in 'groupIds' exceeds the limit of 20.")
        known = [group_id for group_id in ids if group_id in self._world.groups]
        value = [group_id for group_id in known if self._world.transitive_member(user.id, group_id)]
        return Answer(200, {"@odata.context": call.context("Collection(Edm.String)"), "value": value})

    def _group(self, call: Call) -> Group:
        group = self._world.groups.get(call.arguments["id"].lower())
        if group is None:
            raise _absent(call.arguments["id"])
        return group

    def _flattened(self, group: Group) -> set[str]:
        found, waiting = set[str](), [group.id]
        while waiting:
            members = self._world.groups[waiting.pop()].members - found
            found |= members
            waiting += [member for member in members if member in self._world.groups]
        return found

    def _object_row(self, call: Call, object_id: str) -> dict[str, Any]:
        if object_id in self._world.users:
            row = _readable(call, _user_row(self._world.users[object_id]))
            return {"@odata.type": "#microsoft.graph.user", **row}
        if object_id in self._world.groups:
            return {"@odata.type": "#microsoft.graph.group", **_group_row(self._world.groups[object_id])}
        return {"@odata.type": "#microsoft.graph.device", "id": object_id}


def _group_row(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "displayName": group.name,
        "securityEnabled": group.security_enabled,
        "mailEnabled": group.mail_enabled,
        "groupTypes": ["Unified"] if group.unified else [],
        "isAssignableToRole": None,
    }


def _user_row(user: User) -> dict[str, Any]:
    given, _, surname = user.name.partition(" ")
    return {
        "id": user.id,
        "displayName": user.name,
        "givenName": given,
        "surname": surname,
        "userPrincipalName": user.upn,
        "mail": user.upn if user.has_mailbox else None,
        "accountEnabled": user.enabled,
        "userType": "Guest" if user.guest else "Member",
        "employeeId": user.employee_id or None,
    }


def _readable(call: Call, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row's selected properties; those beyond a basic profile are None if the token may not read them."""
    shown = dict(row) if "$select" in call.query else {name: row[name] for name in row if name in _DEFAULT_USER}
    if call.caller.allows(permissions.USERS_IN_FULL):
        return shown
    return {name: value if name in _DEFAULT_USER else None for name, value in shown.items()}


def _require_comparable(call: Call) -> None:
    """Raise `GraphError` for a value over 120 characters: Graph cannot compare it (its known issues, "eq")."""
    literals = re.findall("'((?:[^']|'')*)'", call.query.get("$filter", ""))
    if any(len(one.replace("''", "'")) > MOST_COMPARED for one in literals):
        raise bad_request("Invalid filter clause: a value is longer than 120 characters.")


def _require_eventual(call: Call) -> None:
    if call.headers.get("consistencylevel", "").lower() != "eventual":
        message = "Request with $count requires the header 'ConsistencyLevel: eventual'."
        raise GraphError(400, "Request_BadRequest", message)


def _require_advanced(call: Call) -> None:
    _require_eventual(call)
    if call.query.get("$count") != "true":
        raise GraphError(400, "Request_UnsupportedQuery", "The query needs $count=true.")


def _absent(what: str) -> GraphError:
    message = f"Resource '{what}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", message)
