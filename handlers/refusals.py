"""What somebody was refused before there was anything that they could change: it is recorded like every refusal."""

from approvals.audit import AuditEntry, Identified, Kind
from approvals.people import Person
from handlers.desk import Desk


async def record(
    desk: Desk, who: Person, sentence: str, identified: Identified = Identified.BY_CHANNEL, **evidence: str
) -> str:
    """The sentence again, to be told to them; so many of one person within a minute are recorded."""
    entry = AuditEntry(
        Kind.REFUSED,
        await desk.clock.now(),
        who=who.account,
        name=who.name,
        identified=identified,
        why=sentence,
        evidence=evidence,
    )
    await desk.requests.refuse(entry)
    return sentence
