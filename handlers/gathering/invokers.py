"""People who may break glass: their groups, the people behind their account, and locks."""

from dataclasses import dataclass
from datetime import datetime

from approvals.emergency import Emergency
from approvals.locking import is_locked
from approvals.people import Person
from approvals.policy import PolicyBook
from approvals.snapshot import Eligibility
from handlers.gathering.eligibilities import Eligibilities
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Invokers:
    """Gathers what the emergency rules need to know about a person. Without an emergency path nobody is in its
    groups."""

    requests: Requests
    book: PolicyBook
    eligibilities: Eligibilities

    @property
    def emergency(self) -> Emergency | None:
        """The emergency path, if one is configured."""
        return self.book.emergency

    async def eligibility(self, account: str, name: str) -> Eligibility:
        """Return their standing in the emergency groups right now."""
        return await self.eligibilities.in_groups(account, name, self.emergency.group_ids if self.emergency else ())

    def people_behind(self, person: Person) -> tuple[Person, ...]:
        """Return everybody who may be behind their account, themselves first."""
        return self.emergency.people_behind(person) if self.emergency else ()

    async def is_locked(self, person: Person, now: datetime) -> bool:
        """Return whether an overdue review locks them, or somebody who may be behind their account."""
        return is_locked(await self.requests.open(), self.people_behind(person), now)
