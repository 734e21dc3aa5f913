"""What somebody was refused before there was anything that they could change: it is recorded like every refusal."""

from dataclasses import dataclass

from approvals.audit import AuditEntry, Identified, Kind
from approvals.people import Person
from handlers.ports.clock import Clock
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Refusals:
    """Records refusals that belong to no request."""

    clock: Clock
    requests: Requests

    async def record(
        self, who: Person, sentence: str, identified: Identified = Identified.BY_CHANNEL, **evidence: str
    ) -> str:
        """The sentence again, to be told to them; so many of one person within a minute are recorded."""
        entry = AuditEntry(
            Kind.REFUSED,
            await self.clock.now(),
            who=who.account,
            name=who.name,
            identified=identified,
            why=sentence,
            evidence=evidence,
        )
        await self.requests.refuse(entry)
        return sentence
