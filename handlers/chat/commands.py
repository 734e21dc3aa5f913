"""What each command does, for the person who wrote it."""

from dataclasses import dataclass
from typing import assert_never

from cards import glass_card
from handlers.chat.auditing import Auditing
from handlers.chat.braking import Braking
from handlers.chat.covering import Covering
from handlers.chat.delegating import Delegating
from handlers.chat.questions import NONE, Questions
from handlers.commands.grammar import Command
from handlers.commands.lexicon import Name
from handlers.emergency.prompting import Prompting
from handlers.emergency.review_list import ReviewList
from handlers.inbox import Message
from handlers.ordering.drafting import Drafting
from handlers.ports.requests import Requests
from handlers.ports.teams import Card


@dataclass(frozen=True, slots=True)
class GlassCommand:
    """/breakglass: on a request by its id, or on an operation that is asked for in the same step."""

    requests: Requests
    drafting: Drafting
    prompting: Prompting

    async def obey(self, command: Command, written: Message) -> str | Card:
        """The prompt or the draft, or why there is none."""
        if command.act is not None:
            return await self.drafting.begin(command, written.account)
        request = await self.requests.load(command.target)
        if request is None:
            refused = await self.prompting.why_nowhere(written.account, written.name)
            return glass_card.over(refused) if refused else NONE.format(command.target)
        return await self.prompting.begin(request, written.account, written.name, drill=command.drill)


@dataclass(frozen=True, slots=True)
class Commands:
    """Every command, by its name."""

    questions: Questions
    drafting: Drafting
    glass: GlassCommand
    braking: Braking
    review_list: ReviewList
    covering: Covering
    auditing: Auditing
    delegating: Delegating

    async def obey(  # noqa: C901, PLR0911, PLR0912  one case for each command
        self, command: Command, written: Message
    ) -> str | Card:
        """Do what the command says; the answer is for its author alone."""
        who = await self.questions.asker(written.account, written.name)
        match command.name:
            case Name.WIPE | Name.RETIRE | Name.DELETE | Name.SCRIPT | Name.ROLE | Name.COMPLIANCE:
                return await self.drafting.begin(command, written.account)
            case Name.BREAKGLASS:
                return await self.glass.obey(command, written)
            case Name.PAUSE:
                return await self.braking.pause(who, command.reason)
            case Name.RESUME:
                return await self.braking.resume(who)
            case Name.UNLOCK:
                return await self.braking.unlock(who, command.target)
            case Name.REVIEWS:
                return await self.review_list.reviews(written.account, written.name)
            case Name.COVERAGE:
                return await self.covering.coverage(who)
            case Name.AUDIT:
                return await self.auditing.audit(who, command.target)
            case Name.HISTORY:
                return await self.auditing.history(who)
            case Name.DELEGATE:
                return await self.delegating.delegate(who, command)
            case Name.HELP:
                return await self.questions.help_text()
            case Name.PENDING:
                return await self.questions.pending(who)
            case Name.MINE:
                return await self.questions.mine(who)
            case Name.STATUS:
                return await self.questions.status(who, command.target, written.conversation)
            case Name.WHOCAN:
                return await self.questions.who_can(command.target)
            case Name.CANCEL:
                return await self.questions.cancel(who, command.target, written.conversation, written.once)
            case _:
                assert_never(command.name)
