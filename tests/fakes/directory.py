"""People and groups, in memory."""

from collections.abc import Iterable
from dataclasses import replace

from approvals.people import Group, Person
from approvals.snapshot import Eligibility
from handlers.ports.errors import NotFound
from tests.fakes.troubles import Troubles


class Directory:
    """Keeps people by account, and the accounts of each group by its id. `inactive` accounts are disabled, or
    guests."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.groups: dict[str, set[str]] = {}
        self.inactive: set[str] = set()
        self.troubles = Troubles()

    def add(self, person: Person, *groups: Group, active: bool = True) -> Person:
        """Add a person with an account to these groups, and return the person."""
        self.people[person.account] = person
        for group in groups:
            self.groups.setdefault(group.id, set()).add(person.account)
        if not active:
            self.inactive.add(person.account)
        return person

    async def eligibility(self, account: str, group_ids: Iterable[str]) -> Eligibility | None:
        await self.troubles.begin("eligibility")
        person = self.people.get(account)
        if person is None:
            return None
        held = frozenset(group for group in group_ids if account in self.groups.get(group, set()))
        return Eligibility(person, held, account not in self.inactive)

    async def person(self, account: str) -> Person | None:
        await self.troubles.begin("person")
        return self.people.get(account)

    async def members(self, group_id: str) -> tuple[Person, ...]:
        await self.troubles.begin("members")
        if group_id not in self.groups:
            raise NotFound(f"there is no group {group_id}")
        active = sorted((self.groups[group_id] & self.people.keys()) - self.inactive)
        return tuple(replace(self.people[account], accounts=frozenset({account})) for account in active)
