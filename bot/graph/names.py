"""Whom a name means: people as calendars and rotas write them."""

from collections.abc import Awaitable, Callable

import structlog

from approvals.naming import canonical
from bot.graph import loose
from bot.graph.called import filter_for, is_called
from bot.graph.http import GraphClient
from bot.graph.people import ACCOUNT_FIELDS, Account, is_object_id, parse_account, read_account

Find = Callable[[str], Awaitable[str | None]]
"""The account (object id) that somebody's name stands for, if there is one."""

log = structlog.get_logger(__name__)


async def find_account(graph: GraphClient, name: str) -> str | None:
    """The one active account of this object id, user principal name, mail address or display name."""
    wanted = canonical(name)
    if is_object_id(wanted) or "@" in wanted:
        account = await read_account(graph, wanted)
        if account is not None:
            return account.id if account.active else None
    found = [one for one in await _named(graph, wanted) if one.active]
    if len(found) > 1:
        log.warning("name_is_ambiguous", accounts=len(found))
    return found[0].id if len(found) == 1 else None


async def _named(graph: GraphClient, wanted: str) -> list[Account]:
    """By mail address or by display name; nobody has promised that Graph compares as we do."""
    if not wanted:
        return []
    known_by = "mail" if "@" in wanted else "displayName"
    query = {"$filter": filter_for(known_by, wanted), "$select": f"{ACCOUNT_FIELDS},mail"}
    users = [user async for user in graph.items("/v1.0/users", query) if is_called(user, known_by, wanted)]
    return [parse_account(user) for user in loose.once(users)]
