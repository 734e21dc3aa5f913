"""Somebody wrote to the bot: what it means, and an answer that nobody else sees."""

import json
from contextlib import suppress
from dataclasses import dataclass

import structlog

from handlers.answers.commands import Commands
from handlers.answers.privately import Privately
from handlers.commands.grammar import Wrong, parse
from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Message
from handlers.ports.errors import PortError
from handlers.ports.memory import Memory
from handlers.ports.teams import Card, Conversations, PersonalReference
from handlers.storing.addresses import Addresses

NO_ANSWER = (
    "Something that this needs cannot be reached right now. It is not certain whether anything was done. Please look, "
    "and try again in a minute."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Messages:
    """Answers what people write, once. A neighbour that fails is told as such, for something may have been done."""

    privately: Privately
    conversations: Conversations
    memory: Memory
    addresses: Addresses
    commands: Commands

    async def message(self, written: Message) -> None:
        """Do what was written and answer; where others read as well, only its author sees the answer.

        Teams delivers a message again that took long, to whichever replica (botbuilder-dotnet#5005). Its id is that of
        a moment, so it is one only with who wrote it, and where.
        """
        identity = json.dumps([written.once.id, written.conversation, written.account])
        try:
            if not await self.memory.claim_message(identity):
                log.info("message_delivered_again", account=written.account)
                return
            await self._remember(written)
            answer = await self._answer(written)
        except PortError as error:
            log.warning("message_met_trouble", error=str(error), neighbour_request=error.request_id)
            answer = NO_ANSWER
        await self.privately.answer(written, answer)
        with suppress(PortError):  # it is answered all the same
            await self.memory.finish_message(identity)

    async def _remember(self, written: Message) -> None:
        """Whoever writes in a 1:1 chat can be written to there; elsewhere Teams may have moved."""
        if written.scope is Scope.PERSONAL:
            where = PersonalReference(written.account, written.mri, written.service_url, written.conversation)
            await self.conversations.save_person(where)
        else:
            await self.addresses.keep(written)

    async def _answer(self, written: Message) -> str | Card:
        meant = parse(written.text)
        if isinstance(meant, Wrong):
            return f"{meant.sentence} {meant.usage}".strip()
        return await self.commands.obey(meant, written)
