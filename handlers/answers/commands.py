"""Run each command for the person who wrote it."""

from dataclasses import dataclass
from typing import assert_never

from handlers.answers.auditing import Auditing
from handlers.answers.braking import Braking
from handlers.answers.covering import Covering
from handlers.answers.delegating import Delegating
from handlers.answers.glass_command import GlassCommand
from handlers.answers.questions import Questions
from handlers.commands.grammar import Command
from handlers.commands.lexicon import Name
from handlers.emergency.review_list import ReviewList
from handlers.incoming.inbox import Message
from handlers.ordering.drafting import Drafting
from handlers.ports.teams import CardJson


@dataclass(frozen=True, slots=True)
class Commands:
    """Sends each command to its flow. The answer is for its author alone."""

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
    ) -> str | CardJson:
        """Do what the command says."""
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
                return await self.delegating.delegate(who, command, written)
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
