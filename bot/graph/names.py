"""Whom a name means: people as calendars and rotas write them."""

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
    """Why a name that the directory knows gives no account."""

    SEVERAL = "several people are called so"
    INACTIVE = "the account is a guest's, or switched off"


Find = Callable[[str], Awaitable[str | NoUsableAccount | None]]
"""The account (object id) that somebody's name stands for; `None` where nobody at all is called so."""

_LONGEST = 120
"""Characters of a value that Graph compares; it answers 400 to a longer one (developer.microsoft.com, Graph's known
issues, "eq" on directory objects)."""

_AT_ONCE = 15
"""Spellings in one question; Graph takes so many expressions (learn.microsoft.com, "filter-query-parameter")."""

_MOST_SPELLINGS = 80
"""Of a name: every one of five signs in either kind, composed and not."""

_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011", "-"))
_SPELLED = {"'": "'\u2019", " ": " \u00a0", "-": "-\u2011"}
"""What one person types for the other's sign: phones write typographic quotes, web pages no-break blanks."""

log = structlog.get_logger(__name__)


async def find_account(graph: GraphClient, name: str) -> str | None:
    """The one active account of this object id, user principal name, mail address or display name."""
    found = await look_up(graph, name)
    return None if isinstance(found, NoUsableAccount) else found


async def look_up(graph: GraphClient, name: str) -> str | NoUsableAccount | None:
    """The same; `NoUsableAccount` tells a name that is somebody's, and gives no account, from one that is nobody's."""
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
    """How names of people are compared: as all names are, and without regard to the kind of a hyphen."""
    return naming.folded(name.translate(_HYPHENS))


async def _named(graph: GraphClient, wanted: str) -> list[Account]:
    """By mail address or by display name; nobody has promised that Graph compares as we do."""
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
    """The name as it is, and as others may have typed it: all of a sign alike first, then each by itself."""
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
