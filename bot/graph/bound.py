"""The facts that a vote binds to: not those that change by themselves.

The names are those of every member that Graph's schema describes as counted, synchronised or reported by the service
for the types in `approvals/kinds.py` (PyPI msgraph-beta-sdk 1.66.0, `iosVppApp`, `windowsDriverUpdateProfile`,
`deviceHealthScript` ...).
"""

import re
from collections.abc import Collection, Iterable

from approvals.subject import Fact, Setting

_TICKING = frozenset(
    {
        "apptracks",
        "assignedlicenses",
        "dependentappcount",
        "dependsonappcount",
        "devicereporting",
        "devicestatuses",
        "driverinventories",
        "endofsupportdate",
        "highestavailableversion",
        "inventorysyncstatus",
        "ismigratingtoconfigurationpolicy",
        "latestupgradecatalogpackage",
        "newupdates",
        "releasedatetime",
        "revokelicenseactionresults",
        "totallicensecount",
        "usedlicensecount",
        "userstatuses",
    }
)
_TICKING_ENDS = ("licensecount", "statusoverview", "summaries", "summary", "syncstatus")
_LAST_TIME = re.compile(r"last.*datetime")
"""When something last happened ("lastSuccessfulSyncDateTime")."""

_DESCRIBING = frozenset(
    {
        "description",
        "developer",
        "informationurl",
        "largeicon",
        "notes",
        "owner",
        "privacyinformationurl",
        "publisher",
    }
)
"""Words about an object, which a store also rewrites by itself. They change nothing of what it does."""

_PLACE = re.compile(r"\[\d+\]")


def bound(facts: Iterable[Fact], properties: Collection[str], *, changes: bool) -> tuple[Fact, ...]:
    """Return the facts that a vote binds to: everything that the change asks for, or that will run or be lost.

    `properties` are the object's own, in lower case: settings that have definitions never change by themselves.
    `changes` says whether the object itself becomes different. If not (an assignment, a deletion), words about it do
    not count. The hash of the request itself still covers all that was sent.
    """
    return tuple(fact for fact in facts if not _is_loose(fact, properties, changes=changes))


def _is_loose(fact: Fact, properties: Collection[str], *, changes: bool) -> bool:
    if not isinstance(fact, Setting):
        return False
    way = [part.casefold() for part in _PLACE.sub("", fact.name).split(".")]
    return way[0] in properties and (any(map(_ticks, way)) or (not changes and way[0] in _DESCRIBING))


def _ticks(name: str) -> bool:
    return name in _TICKING or name.endswith(_TICKING_ENDS) or _LAST_TIME.fullmatch(name) is not None
