"""People and groups: the port `Directory` over Microsoft Graph."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from approvals.people import Person
from approvals.snapshot import Eligibility
from bot.graph import groups
from bot.graph.http import GraphClient
from bot.graph.people import Account, IdentityRule, linked_accounts, read_account
from bot.web.single_flight import SingleFlight
from handlers.ports.clock import Clock
from handlers.ports.errors import NotFound, Unavailable

MEMBERS_LIVE = timedelta(minutes=5)


class GraphDirectory:
    """The tenant's directory, read as the application.

    With `direct_membership` only direct members of a group count, because Intune is reported to ignore nesting.
    Identical concurrent calls are sent once; only `members` is cached.
    """

    def __init__(self, client: GraphClient, identities: IdentityRule, *, direct_membership: bool, clock: Clock) -> None:
        self._client = client
        self._identities = identities
        self._direct = direct_membership
        self._clock = clock
        self._one = SingleFlight()
        self._members: dict[str, tuple[datetime, tuple[Person, ...]]] = {}

    async def eligibility(self, account: str, group_ids: Iterable[str]) -> Eligibility | None:
        """Return a person with their linked accounts, and which of these groups contain the account; `None` if
        unknown."""
        asked = frozenset(group_ids)
        return await self._one(("standing", account, asked), lambda: self._standing(account, asked))

    async def person(self, account: str) -> Person | None:
        """Return a person with their linked accounts, by object id or user principal name."""
        return await self._one(("person", account), lambda: self._person(account))

    async def members(self, group_id: str) -> tuple[Person, ...]:
        """Return the active people of a group, without their linked accounts; may be five minutes old."""
        read_at, people = self._members.get(group_id, (None, ()))
        now = await self._clock.now()
        if read_at is not None and timedelta() <= now - read_at < MEMBERS_LIVE:
            return people
        return await self._one(("members", group_id), lambda: self._read_members(group_id, now))

    async def _standing(self, account: str, asked: frozenset[str]) -> Eligibility | None:
        if not account.strip():
            return None
        found, held = await asyncio.gather(read_account(self._client, account), self._groups_of(account, asked))
        if found is None:
            return None
        if held is None:
            raise Unavailable("the directory knows this account, and at this moment not in which groups it is")
        return Eligibility(person=await self._with_links(found), groups=held, active=found.active)

    async def _groups_of(self, account: str, asked: frozenset[str]) -> frozenset[str] | None:
        """Return which of the groups contain the account; `None` if the directory knows no such account."""
        if not asked:
            return frozenset()
        read = groups.direct_groups if self._direct else groups.transitive_groups
        try:
            return await read(self._client, account, asked)
        except NotFound:
            return None

    async def _person(self, account: str) -> Person | None:
        found = await read_account(self._client, account)
        return None if found is None else await self._with_links(found)

    async def _with_links(self, account: Account) -> Person:
        linked = await linked_accounts(self._client, account, self._identities)
        return Person(account=account.id, name=account.name, accounts=linked)

    async def _read_members(self, group_id: str, now: datetime) -> tuple[Person, ...]:
        accounts = await groups.group_members(self._client, group_id, direct=self._direct)
        people = tuple(Person(account.id, account.name) for account in accounts)
        self._members[group_id] = (now, people)
        return people
