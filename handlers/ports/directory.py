"""People and groups."""

from collections.abc import Iterable
from typing import Protocol

from approvals.people import Person
from approvals.snapshot import Eligibility


class Directory(Protocol):
    """People and groups. Every answer is fresh unless stated otherwise."""

    async def eligibility(self, account: str, group_ids: Iterable[str]) -> Eligibility | None:
        """Return a person with their linked accounts, and which of these groups hold them; `None` if not found."""

    async def person(self, account: str) -> Person | None:
        """Return a person with their linked accounts."""

    async def members(self, group_id: str) -> tuple[Person, ...]:
        """Return the enabled people of a group, up to five minutes old: for mentions, views and reports, never for a
        vote."""
