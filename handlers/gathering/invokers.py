"""Who may break glass: how somebody stands to the emergency path, who may be behind their account, who is locked."""

from dataclasses import dataclass
from datetime import datetime

from approvals.emergency import Emergency
from approvals.locking import is_locked
from approvals.people import Person
from approvals.policy import PolicyBook
from approvals.sighting import Standing
from handlers.gathering.standings import Standings
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Invokers:
    """Gathers what the rules of the emergency path ask about a person. Without such a path nobody is in its groups."""

    requests: Requests
    book: PolicyBook
    standings: Standings

    @property
    def emergency(self) -> Emergency | None:
        """The emergency path as it is configured, if it is."""
        return self.book.emergency

    async def standing(self, account: str, name: str) -> Standing:
        """In which of the emergency groups they are right now."""
        return await self.standings.in_groups(account, name, self.emergency.group_ids if self.emergency else ())

    def people_behind(self, person: Person) -> tuple[Person, ...]:
        """Everybody who may be behind their account, themselves first."""
        return self.emergency.people_behind(person) if self.emergency else ()

    async def is_locked(self, person: Person, now: datetime) -> bool:
        """Whether an overdue review locks them, or somebody who may be behind their account."""
        return is_locked(await self.requests.open(), self.people_behind(person), now)
