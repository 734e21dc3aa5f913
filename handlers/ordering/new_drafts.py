"""A command becomes a draft, if its author may ask for that at all."""

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
    """Begins drafts. The id of one becomes the request's, so that it serves once."""

    clock: Clock
    directory: Directory
    askers: Askers

    async def begin(self, command: Command, account: str) -> Draft | str:
        """The draft, or why this person may not ask for it; that is recorded."""
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
