"""Messages to the bot: parse them, and answer so that nobody else sees it."""

import json
import secrets
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
from handlers.ports.teams import CardJson, Conversations, PersonalReference
from handlers.storing.addresses import Addresses

NO_ANSWER = (
    "Something that this needs cannot be reached right now. It is not certain whether anything was done. Please look, "
    "and try again in a minute."
)

APOLOGY = (
    "Sorry, something went wrong, and it is not certain whether anything was done. Please look before you try again. "
    "If this happens again, tell the operators of Countersign this number: {error_id}."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Messages:
    """Answers each message once. If anything fails, the answer says so, because something may have been done."""

    privately: Privately
    conversations: Conversations
    memory: Memory
    addresses: Addresses
    commands: Commands

    async def message(self, written: Message) -> None:
        """Do what was written and answer; where others read as well, only its author sees the answer.

        Teams delivers a slow message again, to any replica (botbuilder-dotnet#5005). Its id is only a time, so it
        identifies the message only together with author and conversation. A message whose answer reached nobody does
        not count as answered: if Teams delivers it again, it is answered then.
        """
        identity = json.dumps([written.once.id, written.conversation, written.account])
        try:
            if not await self.memory.reserve_message(identity):
                log.info("message_delivered_again", account=written.account)
                return
            await self._remember(written)
            answer = await self._answer(written)
        except PortError as error:
            log.warning("message_met_trouble", error=str(error), neighbour_request=error.request_id)
            answer = NO_ANSWER
        except Exception:
            error_id = secrets.token_hex(4)
            log.exception("message_failed", error_id=error_id, account=written.account)
            answer = APOLOGY.format(error_id=error_id)
        if not await self.privately.answer(written, answer):
            return
        with suppress(PortError):  # the answer has been sent anyway
            await self.memory.finish_message(identity)

    async def _remember(self, written: Message) -> None:
        """Store a 1:1 chat where the bot can write; elsewhere store an address that has changed."""
        await self.addresses.keep(written)
        if written.scope is Scope.PERSONAL:
            where = PersonalReference(written.account, written.mri, written.service_url, written.conversation)
            await self.conversations.save_person(where)

    async def _answer(self, written: Message) -> str | CardJson:
        meant = parse(written.text)
        if isinstance(meant, Wrong):
            return f"{meant.sentence} {meant.usage}".strip()
        return await self.commands.obey(meant, written)
