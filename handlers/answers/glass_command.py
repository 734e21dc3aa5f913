"""/breakglass: on a request by its id, or on an operation that is requested in the same step."""

from dataclasses import dataclass

from cards import glass_card
from handlers.answers.questions import NO_SUCH_REQUEST
from handlers.commands.grammar import Command
from handlers.emergency.prompting import Prompting
from handlers.incoming.inbox import Message
from handlers.ordering.drafting import Drafting
from handlers.ports.requests import Requests
from handlers.ports.teams import CardJson


@dataclass(frozen=True, slots=True)
class GlassCommand:
    """Opens the emergency path. Nothing is broken before it is confirmed and the person has proved who they are."""

    requests: Requests
    drafting: Drafting
    prompting: Prompting

    async def obey(self, command: Command, written: Message) -> str | CardJson:
        """Return the prompt or the draft, or why there is none."""
        if command.act is not None:
            return await self.drafting.begin(command, written.account)
        request = await self.requests.load(command.target)
        if request is None:
            refused = await self.prompting.why_nowhere(written.account, written.name)
            return glass_card.over(refused) if refused else NO_SUCH_REQUEST.format(command.target)
        return await self.prompting.begin(request, written.account, written.name, drill=command.drill)
