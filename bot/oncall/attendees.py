"""The people whom an event names: its attendees, or those in its title."""

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
"""Maximum characters of a title (the search for addresses takes quadratic time) and of a name or an address (RFC 5321
allows 64 + 1 + 255), and maximum people of one event."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Names and addresses as written, or else a title, in which the directory has to find a name."""

    people: tuple[str, ...] = ()
    title: str = ""


def naming(event: Event) -> Naming:
    """Return the attendees who have not declined; without any, the addresses in the title, or else the title itself."""
    invited = _few(filter(None, (_invited(one) for one in event.attendees if _may_come(one))))
    if invited:
        return Naming(invited)
    title = str(event.get("SUMMARY", ""))
    if len(title) > _LONGEST_TITLE:  # truncated, it could end as another person's name
        raise ValueError("its title is too long")
    addresses = _few(iter(_ADDRESS.findall(title)))
    return Naming(addresses) if addresses else Naming(title=title.strip())


def _few(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(islice((one for one in names if len(one) <= _LONGEST_NAME), _MOST_PEOPLE))


def _invited(attendee: vCalAddress) -> str:
    """Return an address, or a name if there is none; empty without either.

    An attendee without a mailbox has `mailto:`, an empty value or `invalid:nomail` (collective/icalendar#266,
    nextcloud/server#25582), inside of Exchange a path. Some products write a bare address (PagerDuty does).
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
