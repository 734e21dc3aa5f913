"""Whom an event names: who is invited to it, or what its title says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from icalendar import Event, vCalAddress

_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]]+@[^\s@,;:<>()\[\]]+")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_MAILTO = re.compile(r"(?:mailto:\s*)+", re.IGNORECASE)  # some write it twice (TimDaub/simple-caldav#9)
_NO_PERSON = frozenset({"ROOM", "RESOURCE"})

_LONGEST_TITLE, _LONGEST_NAME, _MOST_PEOPLE = 1_000, 320, 50
"""Characters of a title (to look for addresses takes the square of them) and of a name or an address (RFC 5321 allows
64 + 1 + 255), and people of one event."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Names and addresses as they are, or else a title, in which the directory has to find a name."""

    people: tuple[str, ...] = ()
    title: str = ""


def naming(event: Event) -> Naming:
    """Who is invited and has not declined; where nobody is, the addresses of the title, or else the title itself."""
    invited = _few(filter(None, (_invited(one) for one in event.attendees if _may_come(one))))
    if invited:
        return Naming(invited)
    title = str(event.get("SUMMARY", ""))
    if len(title) > _LONGEST_TITLE:  # cut off it could end as somebody else's name
        raise ValueError("its title is too long")
    addresses = _few(iter(_ADDRESS.findall(title)))
    return Naming(addresses) if addresses else Naming(title=title.strip())


def _few(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(islice((one for one in names if len(one) <= _LONGEST_NAME), _MOST_PEOPLE))


def _invited(attendee: vCalAddress) -> str:
    """An address, or a name where there is none; empty where there is neither.

    Who has no mailbox stands there as `mailto:`, as nothing at all or as `invalid:nomail` (collective/icalendar#266,
    nextcloud/server#25582), inside of Exchange as a path. Some products write a bare address (PagerDuty does).
    """
    written = str(attendee).strip()
    address = unquote(_MAILTO.sub("", written, count=1)).partition("?")[0].strip()
    if address.startswith("/") or _SCHEME.match(address):
        address = ""
    by_parameter = (str(attendee.params.get(name, "")).strip() for name in ("EMAIL", "CN"))  # EMAIL: RFC 7986, 6.2
    return next(filter(None, (address, *by_parameter)), "")


def _may_come(invited: vCalAddress) -> bool:
    said = {name: str(invited.params.get(name, "")).upper() for name in ("PARTSTAT", "CUTYPE")}
    return said["PARTSTAT"] != "DECLINED" and said["CUTYPE"] not in _NO_PERSON
