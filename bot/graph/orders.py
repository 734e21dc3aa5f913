"""Finding the target of an order, the call that carries it out, and its progress: the port `Orders`."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from approvals.access_policies import EVERY_PLATFORM, covers
from approvals.order import Act, Option, Order
from bot.graph import loose
from bot.graph.actions import progress_of
from bot.graph.assigning import Assigned, assignment_to, reaches, read_standing
from bot.graph.assignments import (
    assignments_of,
    listed_in,
)
from bot.graph.finding import PLACES, find_groups, find_targets
from bot.graph.holders import holders_of
from bot.graph.http import GraphClient
from bot.graph.policies import read_policies, requires_approval
from bot.graph.rows import NEVER
from cards.problems import problem_sentence
from handlers.ports.errors import Conflict, NotFound
from handlers.ports.intune import Row
from handlers.ports.orders import Call, Matches, Plan, Progress

_DEVICES = "/beta/deviceManagement/managedDevices"
_PLATFORMS = {
    "windows": "windows10AndLater",
    "macos": "macOS",
    "ios": "iOSiPadOS",
    "ipados": "iOSiPadOS",
    "android": "androidEnterprise",
}
"""Intune's words for the platform of a policy, by the beginning of a device's system or of a policy's type."""

_ASSIGNMENTS = {Act.SCRIPT: "deviceManagementScriptAssignments", Act.COMPLIANCE: "assignments"}
_ROLE_ASSIGNMENT_NAME = "Assigned with Countersign"


class GraphOrders:
    """Reads as the worker; sends nothing."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def find(self, act: Act, words: str) -> Matches:
        """Return what these words may mean; nothing for blank words."""
        return await find_targets(self._client, act, words)

    async def find_groups(self, words: str) -> Matches:
        """Return the groups of this display name."""
        return await find_groups(self._client, words)

    async def plan(self, order: Order) -> Plan:
        """Return what the order would do, read now; raise `NotFound` if the target or the group is gone."""
        return await (self._plan_device(order) if order.act.is_on_device else self._plan_assignment(order))

    async def is_held(self, policy_type: str, platform: str) -> bool:
        """Return whether Intune has an access policy for this, read now, and does not itself deny that it holds such
        operations. An operation that is not held would run at once, so one "no" is enough."""
        listed = any(
            covers(policy.policy_type, policy.platform, policy_type, platform)
            for policy in await read_policies(self._client)
        )
        return listed and await requires_approval(self._client, policy_type, platform) is not False

    async def call_for(self, order: Order) -> Call:
        """Return the exact call that carries it out. An assignment keeps the existing assignments, so they are read
        first."""
        device = f"{_DEVICES}/{quote(order.target_id, safe='')}"
        match order.act:
            case Act.WIPE:
                return Call("POST", f"{device}/wipe", _json(_wipe_options(order)))
            case Act.RETIRE:
                return Call("POST", f"{device}/retire")
            case Act.DELETE:
                return Call("DELETE", device)
            case Act.ROLE:
                return Call("POST", f"{_place(order)}/roleAssignments", _json(_role_assignment(order)))
            case _:
                return Call("POST", f"{_place(order)}/assign", _json(await self._assignments(order)))

    async def progress(self, order: Order, since: datetime) -> Progress:
        """Return the progress of a call that was sent at `since`."""
        try:
            return await (self._action(order, since) if order.act.is_on_device else self._assigned(order))
        except NotFound:
            return Progress.GONE

    async def _plan_device(self, order: Order) -> Plan:
        path = f"{_DEVICES}/{quote(order.target_id, safe='')}"
        device = await self._client.get(path)
        shown = {
            "deviceName": loose.text(device, "deviceName"),
            "serialNumber": loose.text(device, "serialNumber"),
            "primaryUserEmail": loose.text(device, "userPrincipalName"),
            "deviceId": loose.text(device, "id"),
        }
        payload = _wipe_options(order) if order.act is Act.WIPE else {}
        row = _row(order, "Action", shown["deviceName"], payload, devices=(shown,))
        held = await holders_of(self._client, path, device)
        platform = _platform(loose.text(device, "operatingSystem"))
        return Plan(row, platform, held.surely, held.perhaps, held.unknown)

    async def _plan_assignment(self, order: Order) -> Plan:
        path = f"/v1.0/groups/{quote(order.group_id, safe='')}"
        group = await self._client.get(path, {"$select": "id,displayName"})
        found = await self._client.get(_place(order))
        standing = await self._standing(order, loose.text(group, "displayName"))
        row = _assigning(order, loose.text(found, "displayName"), standing)
        kind = loose.text(found, "@odata.type").rpartition(".")[2]
        platform = {Act.SCRIPT: "windows10AndLater", Act.ROLE: EVERY_PLATFORM}.get(order.act) or _platform(kind)
        groups = frozenset({order.group_id})
        return Plan(row, platform, groups, groups, problem=standing.problem, is_so=standing.is_so)

    async def _standing(self, order: Order, group: str = "") -> Assigned:
        """Read the existing assignments to keep: none for a role, whose assignment is added to the others."""
        if order.act is Act.ROLE:
            return Assigned(())
        return await read_standing(self._client, _place(order), order.group_id, group)

    async def _assignments(self, order: Order) -> dict[str, Any]:
        standing = await self._standing(order)
        if standing.problem is not None:
            raise Conflict(problem_sentence(standing.problem))
        return _body(order, standing)

    async def _action(self, order: Order, since: datetime) -> Progress:
        device = await self._client.get(f"{_DEVICES}/{quote(order.target_id, safe='')}")
        return progress_of(order.act, device, since)

    async def _assigned(self, order: Order) -> Progress:
        relation, is_ours = ("roleAssignments", _gives_role) if order.act is Act.ROLE else ("assignments", _assigns)
        async for one in self._client.items(f"{_place(order)}/{relation}"):
            if is_ours(one, order.group_id):
                return Progress.DONE
        return Progress.WAITING


def _place(order: Order) -> str:
    return f"{PLACES[order.act]}/{quote(order.target_id, safe='')}"


def _platform(system: str) -> str:
    """Return Intune's word for a system; an unknown one is held only by a policy for every platform."""
    return next((word for name, word in _PLATFORMS.items() if system.casefold().startswith(name)), "unknown")


def _body(order: Order, standing: Assigned) -> dict[str, Any]:
    """Return the existing assignments and this one."""
    return {_ASSIGNMENTS[order.act]: [*standing.kept, assignment_to(order.group_id)]}


def _assigning(order: Order, target: str, standing: Assigned) -> Row:
    """Return the request to assign it as Intune would show it, with the body of its call."""
    if order.act is Act.ROLE:
        return _row(order, "Assign", target, {}, added=(assignment_to(order.group_id),))
    payload = {"actionParameters": _body(order, standing)}
    row = _row(order, "Assign", target, payload, added=(assignment_to(order.group_id),))
    return replace(row, existing=standing.kept)


def _assigns(assignment: Mapping[str, Any], group_id: str) -> bool:
    return any(reaches(one, group_id) for one in assignments_of([assignment]))


def _gives_role(assignment: Mapping[str, Any], group_id: str) -> bool:
    """Return whether this is the assignment that we create: one of another name may have a smaller scope."""
    ours = loose.text(assignment, "displayName") == _ROLE_ASSIGNMENT_NAME
    return ours and group_id.casefold() in map(str.casefold, listed_in([assignment], "members"))


def _role_assignment(order: Order) -> dict[str, Any]:
    """Return an assignment of the role to the group's members, for everything: a role without a scope reaches
    nobody."""
    return {
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleAssignment",
        "displayName": _ROLE_ASSIGNMENT_NAME,
        "description": "",
        "members": [order.group_id],
        "resourceScopes": ["/"],
    }


def _wipe_options(order: Order) -> dict[str, bool]:
    return {
        "keepEnrollmentData": Option.KEEP_ENROLLMENT in order.options,
        "keepUserData": Option.KEEP_USER_DATA in order.options,
        "useProtectedWipe": Option.PROTECTED in order.options,
    }


def _json(body: Mapping[str, Any]) -> bytes:
    """Return the same bytes for the same body: the completed call must equal the filed one."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _row(
    order: Order,
    operation: str,
    target: str,
    payload: Mapping[str, Any],
    *,
    devices: tuple[Mapping[str, str], ...] = (),
    added: tuple[Mapping[str, Any], ...] = (),
) -> Row:
    """Return the request as Intune would show it."""
    return Row(
        id="",
        raw_status="",
        policy_types=(order.act.policy_type,),
        kind=order.act.kind,
        operation=operation,
        action=order.act.value if operation == "Action" else "",
        target_id=order.target_id,
        target=target,
        payload=payload,
        devices=devices,
        requestor=None,
        approver=None,
        justification="",
        approval_note="",
        filed_at=NEVER,
        expires_at=NEVER,
        modified_at=None,
        added=added,
    )
