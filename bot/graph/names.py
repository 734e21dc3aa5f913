"""Finding a person's account by the name in a calendar or rota."""

import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from enum import Enum
from itertools import islice, product

import structlog

from approvals import naming
from bot.graph import loose
from bot.graph.http import GraphClient
from bot.graph.people import ACCOUNT_FIELDS, Account, is_object_id, literal, parse_account, read_account


class NoUsableAccount(Enum):
    """The reason why a name that the directory knows gives no account."""

    SEVERAL = "several people are called so"
    INACTIVE = "the account is a guest's, or switched off"


Find = Callable[[str], Awaitable[str | NoUsableAccount | None]]
"""Finds the account (object id) of a person by name; `None` if nobody has that name."""

_LONGEST = 120
"""Longest value in characters that Graph compares; it answers 400 to a longer one (developer.microsoft.com, Graph's
known issues, "eq" on directory objects)."""

_AT_ONCE = 15
"""Spellings in one query; Graph accepts so many expressions (learn.microsoft.com, "filter-query-parameter")."""

_MOST_SPELLINGS = 80
"""Spellings that are tried for one name: all those of five signs in either kind, composed and not."""

_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011", "-"))
_SPELLED = {"'": "'\u2019", " ": " \u00a0", "-": "-\u2011"}
"""Variants of a sign: phones write typographic quotes, web pages no-break spaces."""

log = structlog.get_logger(__name__)


async def find_account(graph: GraphClient, name: str) -> str | None:
    """Return the one active account with this object id, user principal name, mail address or display name."""
    found = await look_up(graph, name)
    return None if isinstance(found, NoUsableAccount) else found


async def look_up(graph: GraphClient, name: str) -> str | NoUsableAccount | None:
    """Return the account as `find_account` does; else `NoUsableAccount` for a known name, `None` for an unknown one."""
    wanted = name.strip()
    if is_object_id(wanted) or "@" in wanted:
        account = await read_account(graph, wanted)
        if account is not None:
            return account.id if account.active else NoUsableAccount.INACTIVE
    named = await _named(graph, wanted)
    found = [one for one in named if one.active]
    if len(found) > 1:
        log.warning("name_is_ambiguous", accounts=len(found))
        return NoUsableAccount.SEVERAL
    if found:
        return found[0].id
    return NoUsableAccount.INACTIVE if named else None


def folded(name: str) -> str:
    """Return a person's name in the form for comparing: as for all names, and with all kinds of hyphen alike."""
    return naming.folded(name.translate(_HYPHENS))


async def _named(graph: GraphClient, wanted: str) -> list[Account]:
    """Return the accounts with this mail address or display name; Graph may compare differently, so we compare
    again."""
    known_by = "mail" if "@" in wanted else "displayName"
    spellings = [wanted] if "@" in wanted else dict.fromkeys(islice(_spellings(wanted), _MOST_SPELLINGS))
    asked = [one for one in spellings if 0 < len(one) <= _LONGEST]
    users: list[loose.Object] = []
    for first in range(0, len(asked), _AT_ONCE):
        by_any = " or ".join(f"{known_by} eq {literal(one)}" for one in asked[first : first + _AT_ONCE])
        query = {"$filter": by_any, "$select": f"{ACCOUNT_FIELDS},mail"}
        users += [user async for user in graph.items("/v1.0/users", query)]
    found = (parse_account(user) for user in users if folded(loose.text(user, known_by)) == folded(wanted))
    return list({account.id: account for account in found}.values())


def _spellings(name: str) -> Iterator[str]:
    """Yield the name as it is, and as others may have typed it: first with one variant of each sign, then with any
    mixture."""
    yield name
    plain = naming.canonical(name.translate(_HYPHENS))
    forms = [unicodedata.normalize(form, plain) for form in ("NFC", "NFD")]
    signs = "".join(sorted(set(plain) & set(_SPELLED)))
    for chosen in product(*(_SPELLED[sign] for sign in signs)):
        for form in forms:
            yield form.translate(str.maketrans(signs, "".join(chosen)))
    for form in forms:
        for letters in product(*(_SPELLED.get(letter, letter) for letter in form)):
            yield "".join(letters)
