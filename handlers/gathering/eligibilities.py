"""Standings of people right now: read from the directory for each vote."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from approvals.people import Person
from approvals.policy import PolicyBook
from approvals.reading import reader_groups
from approvals.request import Request
from approvals.snapshot import Eligibility
from handlers.ports.directory import Directory


@dataclass(frozen=True, slots=True)
class Eligibilities:
    """Reads the directory. A person it does not know is in no group."""

    directory: Directory
    book: PolicyBook

    async def to(self, request: Request, account: str, name: str) -> Eligibility:
        """Return a person's standing to a request right now; an unknown person is in no group."""
        return await self.in_groups(account, name, reader_groups(request, self.book))

    async def in_groups(self, account: str, name: str, group_ids: Iterable[str]) -> Eligibility:
        """Return which of these groups hold a person right now; an unknown person is in none."""
        found = await self.directory.eligibility(account, group_ids)
        return found or Eligibility(Person(account, name, frozenset({account})), frozenset(), active=False)

    async def of_voters(self, request: Request) -> dict[str, Eligibility]:
        """Return fresh standings of everybody who has voted, by account."""
        people = [vote.voter for vote in request.votes]
        fresh = await asyncio.gather(*(self.to(request, person.account, person.name) for person in people))
        return {person.account: eligibility for person, eligibility in zip(people, fresh, strict=True)}
