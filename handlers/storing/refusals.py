"""Refusals that belong to no request: recorded like every other refusal."""

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
        """Record the refusal, within a limit per person and minute; return the sentence to tell them."""
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
