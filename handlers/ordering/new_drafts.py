"""Make a draft from a command, if its author may request that at all."""

from dataclasses import dataclass

from approvals.asking import Draft
from approvals.people import Person
from handlers.commands.grammar import Command
from handlers.commands.lexicon import act_of
from handlers.ordering.askers import Askers
from handlers.ports.clock import Clock
from handlers.ports.directory import Directory
from handlers.storing.ids import new_request_id


@dataclass(frozen=True, slots=True)
class NewDrafts:
    """Begins drafts. A draft's id becomes the request's, so that it serves once."""

    clock: Clock
    directory: Directory
    askers: Askers

    async def begin(self, command: Command, account: str) -> Draft | str:
        """Return the draft, or why this person may not request it; record a refusal."""
        now = await self.clock.now()
        author = await self.directory.person(account) or Person(account, "", frozenset({account}))
        draft = Draft(
            id=new_request_id(now),
            author=author,
            act=command.act or act_of(command.name),
            words=command.target,
            began_at=now,
            group_words=command.group,
            options=command.options,
            urgent=command.urgent or command.act is not None,
            justification=command.reason,
            drill=command.drill,
            emergency=command.act is not None,
        )
        return await self.askers.why_not(draft) or draft
