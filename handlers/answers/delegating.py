"""A person is away: another approver is reminded in their place, from one day to another, and that is recorded.

It grants and removes no rights: the person who is away can still decide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from approvals.audit import AuditEntry, Identified, Kind
from approvals.delegation import absence, stand_ins, zone_of
from approvals.people import Person
from approvals.snapshot import Eligibility
from cards.sentences import ONLY_APPROVERS
from handlers.commands.grammar import MYSELF, Command
from handlers.commands.words import as_one
from handlers.gathering.mentioned import Mentioned
from handlers.gathering.policy import Policy
from handlers.incoming.inbox import Message
from handlers.ports.clock import Clock
from handlers.ports.directory import Directory
from handlers.ports.memory import Delegation, Memory
from handlers.ports.requests import Requests
from handlers.storing.refusals import Refusals

NO_STAND_IN = "There is no approver called {}. Whoever stands in for you has to be in one of your approver groups."
SEVERAL_STAND_INS = "There are several approvers called {}. Please write a user name, such as cora@example.com."
NOBODY_MENTIONED = (
    "I know no approver behind the mention of {}. Whoever stands in for you has to be in one of your approver groups. "
    "You can write a user name instead, such as cora@example.com."
)
NO_TIME_LEFT = "That time is over already, or ends before it begins."
REMINDED_AGAIN = "Nobody is reminded in your place any more."


@dataclass(frozen=True, slots=True)
class Delegating:
    """Stores who stands in for whom, and until when; days are those of the configured business hours."""

    clock: Clock
    requests: Requests
    directory: Directory
    memory: Memory
    policy: Policy
    refusals: Refusals
    mentioned: Mentioned

    async def delegate(self, who: Eligibility, command: Command, written: Message) -> str:
        """Have another approver of one's groups reminded from one day to another, or be reminded oneself again."""
        if not who.is_member:
            return await self.refusals.record(who.person, ONLY_APPROVERS, command="/delegate")
        now = await self.clock.now()
        if command.target.casefold() == MYSELF and not written.named:
            await self._keep(who.person, Delegation(who.person.account, who.person.account, now, now), REMINDED_AGAIN)
            return REMINDED_AGAIN
        found = await self._found(who, command.target, written)
        if len(found) != 1:
            nobody = NOBODY_MENTIONED if written.named else NO_STAND_IN
            return (SEVERAL_STAND_INS if found else nobody).format(command.target)
        days = absence(command.start, command.end, zone_of(self.policy.workflows), now)
        if days is None:
            return NO_TIME_LEFT
        told = (
            f"Until the end of {command.end} {found[0].name} is reminded in your place. You can still decide yourself."
        )
        await self._keep(who.person, Delegation(who.person.account, found[0].account, *days), told)
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

    async def _found(self, who: Eligibility, name: str, written: Message) -> Sequence[Person]:
        """Return the members of their groups who have this name, the one with that user name, or the one who is
        mentioned; never the person themselves."""
        groups = [await self.directory.members(group) for group in sorted(who.groups)]
        members = {person.account: person for group in groups for person in group}
        if written.named:
            return await self._meant(who, name, written, members.values())
        user = await self.directory.person(name) if "@" in name else None
        return stand_ins(members.values(), who.person, name, user)

    async def _meant(
        self, who: Eligibility, name: str, written: Message, members: Iterable[Person]
    ) -> Sequence[Person]:
        """Return the person whom a mention means, if it is all of the name; Teams may show one person's names as two
        mentions."""
        shown, ids = as_one(" ".join(one.name for one in written.named)), {one.id for one in written.named}
        if len(ids) > 1 or shown != name:
            return ()
        found = await self.mentioned.among(members, written.named[0], written)
        return [person for person in found if not person.is_same_as(who.person)]
