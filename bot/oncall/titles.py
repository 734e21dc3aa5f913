"""Finds the people in an event's title, as on-call products write it: a name among other words, found by the directory.

| product | title | seen in |
|---|---|---|
| PagerDuty | `On Call - Dana Diaz - Alpha`, `On Call - Dana Diaz` | feeds in tests of its public readers |
| Grafana OnCall | `Dana Diaz`, `[L1] Dana Diaz` | grafana/oncall, `schedules/constants.py` and `on_call_schedule.py` |
| Opsgenie | begins with the name | Aerion/opsgenie-filtered-schedule-ics |
| Splunk On-Call | the name between hyphens, `(Escalation)` behind | public readers of its team calendars |
| others | `[Layer] Dana Diaz on call`, `Primary On-Call: Dana Diaz` | docs.happyuptime.com/integrations/calendar |

The titles of incident.io and Rootly are not documented in public; the same separators are used for them.
"""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from bot.graph.names import Find, NoUsableAccount
from bot.oncall.shifts import Shift

_PEOPLE = r"[;/&+]"  # no comma: some directories write "Diaz, Dana"
_SIGNS = re.compile(rf"(\s[-\u2013\u2010\u2011]+\s|[\u2014|\u00b7\u2022:<>()\[\]{{}}]|{_PEOPLE})")

_ROLE = (
    r"(?:(?:is\s+)?on[\s\u2010\u2011-]?call|primary|secondary|tertiary|back[\s-]?up|override|escalation|shift|duty"
    r"|[lp]\d{1,2}|(?:level|tier|layer|priority)\s?\d{1,2})"
)
_BEFORE = re.compile(rf"^(?:{_ROLE}\b\s*)+", re.IGNORECASE)
_BEHIND = re.compile(rf"(?:(?:^|\s+){_ROLE})+$", re.IGNORECASE)

_ABSENT = re.compile(
    r"\b(?:not?\s+on[\s-]?call|off[\s-]?(?:call|duty)|days?\s+off|on\s+leave|annual\s+leave|out\s+of\s+office|ooo|pto"
    r"|vacation|holidays?|parental|maternity|paternity|sick|absent|unavailable|cancell?ed|birthday"
    r"|urlaub|krank|abwesend|abgesagt|geburtstag)\b",
    re.IGNORECASE,
)
"""Words that mean that a person is away. A whole title may still be a person's name."""

MOST_NAMES = 20
"""Names at one moment for which the directory is asked. Nobody pages more people one after the other."""

_MOST_PARTS = 8
"""Parts of a title; each is a query to the directory. A title with more is not that of a shift."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The people whom a name or a title means. `unclear`: it fits somebody, but does not say who is on call."""

    accounts: tuple[str, ...] = ()
    unclear: bool = False


async def meant(find: Find, shifts: Iterable[Shift]) -> list[Meant]:
    """Return the people whom each of the first names and titles of these shifts means."""
    named = dict.fromkeys(one for shift in shifts for one in _named(shift))
    return [await ask(find, text) for text, ask in islice(named, MOST_NAMES)]


def _named(shift: Shift) -> Iterator[tuple[str, Callable[[Find, str], Awaitable[Meant]]]]:
    yield from ((name, _called) for name in shift.people)
    if shift.title or not shift.people:  # an event that names nobody is logged as well
        yield shift.title, whom


async def _called(find: Find, name: str) -> Meant:
    found = await find(name)
    if isinstance(found, NoUsableAccount):
        return Meant(unclear=True)
    return Meant((found,) if found else ())


async def whom(find: Find, title: str) -> Meant:
    """Return the people that the title names: the whole title as one name, else the one name or list of names in it.

    Parts that are not names are skipped. If two parts are names of different people, one may be the name of a team or
    a schedule. Then nobody is returned, and the rota is used instead of perhaps the wrong person.
    """
    whole = await find(title)
    if whole is not None:
        return Meant(unclear=True) if isinstance(whole, NoUsableAccount) else Meant((whole,))
    lists = [] if _ABSENT.search(title) else list(_lists(title))
    if sum(map(len, lists)) > _MOST_PARTS:
        return Meant()
    found = [accounts for names in lists if (accounts := await _accounts(find, names)) is not None]
    if not found:
        return Meant()
    if any(one != other for one, other in pairwise(found)):
        return Meant(unclear=True)
    return Meant(found[0], unclear=not found[0])


async def _accounts(find: Find, names: list[str]) -> tuple[str, ...] | None:
    """Return the accounts of a list of names; `None` if no name has one."""
    answers = [await _somebody(find, name) for name in names]
    if all(one is None for one in answers):
        return None
    return tuple(dict.fromkeys(one for one in answers if isinstance(one, str)))


async def _somebody(find: Find, name: str) -> str | NoUsableAccount | None:
    """Find the name as written, else without the words for a role."""
    bare = _bare(name)
    return await find(name) or (await find(bare) if bare != name else None)


def _lists(title: str) -> Iterator[list[str]]:
    """Yield the parts of a title that are more than a role. Parts that are joined by a sign for "and" are one list."""
    texts = _SIGNS.split(title)
    listed: list[str] = []
    joined = False
    for text, sign in zip(texts[::2], [*texts[1::2], ""], strict=True):
        name = " ".join(text.split())
        if _bare(name):
            if listed and not joined:
                yield listed
                listed = []
            listed.append(name)
            joined = False
        joined = joined or re.fullmatch(_PEOPLE, sign) is not None
    if listed:
        yield listed


def _bare(name: str) -> str:
    """Return the name without words for a role and without punctuation around it; empty if nothing is left."""
    return _stripped(_BEHIND.sub("", _BEFORE.sub("", _stripped(name))))


def _stripped(name: str) -> str:
    """Return the name without signs around it. A full stop stays: it may belong to an abbreviation."""
    return name.strip("".join(sign for sign in name if unicodedata.category(sign)[0] in "PSZC" and sign != "."))
