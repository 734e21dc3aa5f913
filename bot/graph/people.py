"""Accounts in the directory, and which of them belong to one human."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import NotFound, Unavailable

IdentityRule = Literal["none", "employeeId"] | Sequence[Collection[str]]
"""How accounts are linked: not at all; by the same employee id; or by a list of humans, each with the object ids or
user principal names of their accounts."""

ACCOUNT_FIELDS = "id,displayName,userPrincipalName,accountEnabled,userType,employeeId"

LONGEST_COMPARED = 120
"""Longest value in characters that Graph compares with a directory property (its known issues, "eq"); no name is as
long."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the directory. `active`: enabled, and a member of this tenant, not a guest."""

    id: str
    name: str
    upn: str
    employee_id: str
    active: bool


def parse_account(user: Mapping[str, Any]) -> Account:
    """Parse an account; missing information makes it inactive."""
    upn = loose.text(user, "userPrincipalName")
    # An invited account keeps its mark in the name, even if its type was changed to "Member".
    at_home = loose.text(user, "userType").casefold() == "member" and "#ext#" not in upn.casefold()
    return Account(
        id=loose.text(user, "id"),
        name=loose.text(user, "displayName") or upn,
        upn=upn,
        employee_id=loose.text(user, "employeeId").strip(),
        active=loose.get(user, "accountEnabled") is True and at_home,
    )


async def read_account(client: GraphClient, id_or_upn: str) -> Account | None:
    """Return one account, read now; `None` if the directory does not know it.

    Single reads of existing accounts may answer 404 for a while (microsoft-graph-explorer-v4#2426, msgraph-sdk-go#221,
    graph-docs#11430), so the directory is asked again in another way before an account counts as unknown.
    """
    if not id_or_upn.strip():
        return None
    try:
        user = await client.get(f"/v1.0/users/{quote(id_or_upn, safe='')}", {"$select": ACCOUNT_FIELDS})
    except NotFound:
        return await _listed(client, id_or_upn)
    return parse_account(user)


async def _listed(client: GraphClient, id_or_upn: str) -> Account | None:
    """Find the account in the list of all; `None` if it is not there."""
    if len(id_or_upn) > LONGEST_COMPARED:
        return None
    key = "id" if is_object_id(id_or_upn) else "userPrincipalName"
    query = {"$filter": f"{key} eq {literal(id_or_upn)}", "$select": ACCOUNT_FIELDS}
    try:
        found = [user async for user in client.items("/v1.0/users", query)]
    except NotFound as trouble:
        raise Unavailable(f"the directory does not list anybody: {trouble}", request_id=trouble.request_id) from trouble
    same = [user for user in found if loose.text(user, key).casefold() == id_or_upn.casefold()]
    return parse_account(same[0]) if len(same) == 1 else None


async def linked_accounts(client: GraphClient, account: Account, identities: IdentityRule) -> frozenset[str]:
    """Return the object ids of every account of that human, read now, including the given one."""
    if identities == "none":
        others: Collection[str] = ()
    elif identities == "employeeId":
        others = await _same_employee(client, account.employee_id)
    else:
        others = await _listed_together(client, account, identities)
    return frozenset({account.id, *others})


async def _same_employee(client: GraphClient, employee_id: str) -> list[str]:
    if not employee_id:
        return []  # an empty value would match unrelated accounts
    query = {"$filter": f"employeeId eq {literal(employee_id)}", "$select": "id,employeeId"}
    found = [user async for user in client.items("/v1.0/users", query)]
    same = [user for user in found if loose.text(user, "employeeId").strip().casefold() == employee_id.casefold()]
    return [loose.text(user, "id") for user in same]


async def _listed_together(client: GraphClient, account: Account, humans: Sequence[Collection[str]]) -> list[str]:
    own = {account.id.casefold(), account.upn.casefold()}
    names = {name for human in humans if own & {name.casefold() for name in human} for name in human}
    others = [name for name in names if name.casefold() not in own]
    found = await asyncio.gather(*(read_account(client, name) for name in others if not is_object_id(name)))
    return [name.lower() for name in others if is_object_id(name)] + [other.id for other in found if other is not None]


def is_object_id(text: str) -> bool:
    """Return whether this is an object id, which the directory never gives to anything else."""
    try:
        return str(UUID(text)) == text.casefold()
    except ValueError:
        return False


def literal(value: str) -> str:
    """Return a text quoted for an OData filter."""
    return "'" + value.replace("'", "''") + "'"
