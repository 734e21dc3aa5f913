"""Who is reminded while somebody is away. It gives nobody a right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from approvals.audit import AuditEntry, Identified, Kind
from approvals.people import Person
from approvals.sighting import Standing
from handlers.commands.grammar import MYSELF, Command
from handlers.policy import Policy
from handlers.ports.clock import Clock
from handlers.ports.directory import Directory
from handlers.ports.memory import Delegation, Memory
from handlers.ports.requests import Requests
from handlers.refusals import Refusals

ONLY_APPROVERS = "Only approvers can do this."


NOBODY = "There is no approver called {}. Whoever stands in for you has to be in one of your approver groups."


SEVERAL = "There are several approvers called {}. Please write a user name, such as cora@example.com."


OVER = "That time is over already, or ends before it begins."


BACK = "Nobody is reminded in your place any more."


def _midnight(day: date, zone: ZoneInfo | None) -> datetime:
    return datetime.combine(day, time(), zone or UTC).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Delegating:
    """Who is reminded while somebody is away."""

    clock: Clock
    requests: Requests
    directory: Directory
    memory: Memory
    policy: Policy
    refusals: Refusals

    async def delegate(self, who: Standing, command: Command) -> str:
        """Have another approver of one's groups reminded from one day to another, or be reminded oneself again."""
        if not (who.active and who.groups):
            return await self.refusals.record(who.person, ONLY_APPROVERS, command="/delegate")
        now, zone = await self.clock.now(), self._zone()
        if command.target.casefold() == MYSELF:
            await self._keep(who.person, Delegation(who.person.account, who.person.account, now, now), BACK)
            return BACK
        found = await self._found(who, command.target)
        if len(found) != 1:
            return (SEVERAL if found else NOBODY).format(command.target)
        start = max(_midnight(command.start, zone), now) if command.start else now
        end = _midnight(command.end, zone) + timedelta(days=1) if command.end else start
        if end <= start:
            return OVER
        told = (
            f"Until the end of {command.end} {found[0].name} is reminded in your place. You can still decide yourself."
        )
        await self._keep(who.person, Delegation(who.person.account, found[0].account, start, end), told)
        return told

    async def _keep(self, person: Person, delegation: Delegation, told: str) -> None:
        await self.memory.delegate(delegation)
        entry = AuditEntry(
            Kind.DELEGATED,
            await self.clock.now(),
            who=person.account,
            name=person.name,
            identified=Identified.BY_CHANNEL,
            after=delegation.end.isoformat(),
            why=told,
            evidence={"delegate": delegation.delegate, "from": delegation.start.isoformat()},
        )
        await self.requests.record([entry])

    async def _found(self, who: Standing, name: str) -> Sequence[Person]:
        """The members of their groups who are called so, or the one with that user name; never they themselves."""
        members = {
            person.account: person for group in sorted(who.groups) for person in await self.directory.members(group)
        }
        if "@" in name:
            known = await self.directory.person(name)
            found = [members[known.account]] if known and known.account in members else []
        else:
            found = [person for person in members.values() if person.name.casefold() == name.casefold()]
        return [person for person in found if not person.is_same_as(who.person)]

    def _zone(self) -> ZoneInfo | None:
        """Days are those of the first business hours that are configured; without any, of UTC."""
        ladders = [flow.ladder for flow in self.policy.workflows if flow.ladder and flow.ladder.hours]
        return next((one.hours.zone for one in ladders if one.hours), None)
