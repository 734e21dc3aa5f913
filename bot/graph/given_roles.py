"""The role that a role assignment gives: its name, and what it allows.

A call names the role by its address (microsoftgraph/powershell-intune-samples, RBAC/RBAC_Add_Assign.ps1), and nothing
else in it says what people will be allowed to do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from approvals.subject import Fact, Permissions, Setting
from bot.graph import loose
from bot.graph.http import GraphClient
from bot.graph.permissions import permissions_of
from handlers.ports.errors import Forbidden, NotFound, TokenRefused

THE_ROLE = "role"
"""Code in `unread` for a role that is hidden or gone."""

_NAMING = frozenset({"roledefinition@odata.bind", "roledefinition.id", "roledefinitionid"})
_ID = re.compile(r"(?:^|/|\(')([0-9A-Za-z-]+)(?:'\))?$")
"""The id alone, or at the end of an address in either form that Graph accepts."""


@dataclass(frozen=True, slots=True)
class WithRoles:
    """The facts, each given role first, with its name and what it allows. `hidden` are roles that Graph does not
    show; `gives` says whether any role is given."""

    facts: tuple[Fact, ...]
    hidden: tuple[str, ...]
    gives: bool


async def with_given_roles(client: GraphClient, facts: Sequence[Fact]) -> WithRoles:
    """Add the name and the permissions of each given role. They are reviewed too: a changed role gives other
    permissions."""
    first: list[Fact] = []
    others: list[Fact] = []
    hidden: list[str] = []
    for fact in facts:
        role_id = _role_in(fact)
        if isinstance(fact, Setting) and role_id:
            told, unread = await _told(client, fact, role_id)
            first += told
            hidden += unread
        else:
            others.append(fact)
    return WithRoles((*first, *others), tuple(hidden), gives=bool(first))


def _role_in(fact: Fact) -> str:
    if not isinstance(fact, Setting) or fact.name.casefold() not in _NAMING:
        return ""
    found = _ID.search(fact.value)
    return found[1] if found else ""


async def _told(client: GraphClient, named: Setting, role_id: str) -> tuple[list[Fact], list[str]]:
    try:
        role = await client.get(f"/beta/deviceManagement/roleDefinitions/{quote(role_id, safe='')}")
    except TokenRefused:
        raise  # a refused token does not mean that it is hidden
    except (NotFound, Forbidden):
        return [named], [f"{THE_ROLE}:{role_id}"]
    words = replace(named.words, value=loose.text(role, "displayName"))
    return [replace(named, words=words), Permissions(tuple(sorted(permissions_of(role))))], []
