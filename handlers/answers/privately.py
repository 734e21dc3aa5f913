"""An answer that nobody else sees: a targeted message if Teams takes one, else a message in the 1:1 chat.

Some tenants refuse targeted messages (403: msteams-docs#14434; 400: msteams-docs#14360), and Teams does if the person
is no member of the conversation. Only we learn of it: to the person the command seems to do nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Message
from handlers.ports.clock import Clock
from handlers.ports.errors import NotPrivate, PortError, Unreachable
from handlers.ports.memory import Memory
from handlers.ports.places import InChat, channel_of
from handlers.ports.teams import Address, CardJson, Chat

ELSEWHERE = "I cannot answer privately here; write to me in our chat."

PAUSE = timedelta(hours=1)
"""Time after a refusal in which the conversation is not tried again."""

FORGOTTEN = timedelta(days=1)
"""Time after which a refusal is ignored."""

MANY = 3
"""If so many conversations have refused within a day, the tenant does."""

log = structlog.get_logger(__name__)


def may_try(refused: Mapping[str, datetime], conversation: str, now: datetime) -> bool:
    """Return whether to try a private answer there; `refused` tells when each conversation last refused one."""
    lately = {where: at for where, at in refused.items() if now - at < FORGOTTEN}
    return len(lately) < MANY and (conversation not in lately or now - lately[conversation] >= PAUSE)


@dataclass(frozen=True, slots=True)
class Privately:
    """Answers people. An answer that reaches nobody is only logged."""

    clock: Clock
    chat: Chat
    memory: Memory

    async def answer(self, written: Message, answer: str | CardJson) -> None:
        """Answer where it was written if only its author reads there, else so that only they see it."""
        try:
            if written.scope is Scope.PERSONAL:
                await self._say(Address(written.service_url, written.conversation), answer)
            elif not await self._answered_privately(written, answer):
                await self._answer_in_chat(written, answer)
        except PortError as error:
            log.warning("answer_not_delivered", account=written.account, scope=written.scope, error=str(error))

    async def _answered_privately(self, written: Message, answer: str | CardJson) -> bool:
        where, now = channel_of(written.conversation), await self.clock.now()
        refused = await self.memory.private_refused()
        if not may_try(refused, where, now):
            return False
        try:
            await self._say(Address(written.service_url, written.conversation, written.mri), answer)
        except NotPrivate as error:
            log.warning("private_answer_refused", conversation=where, error=str(error))
            await self.memory.save_private_refused(where, now)
            return False
        if refused:
            await self.memory.forget_private_refused()
        return True

    async def _answer_in_chat(self, written: Message, answer: str | CardJson) -> None:
        try:
            if isinstance(answer, str):
                await self.chat.tell(written.account, answer)
            else:
                await self.chat.post(InChat(written.account), answer, _summary(answer))
        except Unreachable:
            await self.chat.answer(Address(written.service_url, written.conversation), ELSEWHERE)

    async def _say(self, to: Address, answer: str | CardJson) -> None:
        if isinstance(answer, str):
            await self.chat.answer(to, answer)
        else:
            await self.chat.show(to, answer, _summary(answer))


def _summary(card: CardJson) -> str:
    return str(card.get("fallbackText", ""))
