"""An answer that nobody else sees: a targeted message if Teams takes one, else a message in the 1:1 chat.

Some tenants refuse targeted messages (403: msteams-docs#14434; 400: msteams-docs#14360), and Teams does if the person
is no member of the conversation. Only we learn of it: to the person the command seems to do nothing. So no answer ends
in silence: whatever goes wrong, the next way is tried, and the last one is a public line that says where to write.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from handlers.incoming.clicks import Scope
from handlers.incoming.inbox import Message
from handlers.ports.clock import Clock
from handlers.ports.errors import NotPrivate, PortError
from handlers.ports.memory import Memory
from handlers.ports.places import InChat, channel_of
from handlers.ports.teams import Address, CardJson, Chat

ELSEWHERE = "I cannot answer privately here; write to me in our chat."

PAUSE = timedelta(hours=1)
"""Time after a refusal in which the conversation is not tried again."""

FORGOTTEN = timedelta(days=1)
"""Time after which a refusal is ignored."""

MANY = 3
"""If so many conversations have refused within `PAUSE` of each other, the tenant does."""

log = structlog.get_logger(__name__)


def may_try(refused: Mapping[str, datetime], conversation: str, now: datetime) -> bool:
    """Return whether to try a private answer there; `refused` tells when each conversation last refused one.

    A conversation is left alone for `PAUSE`, and the whole tenant for a day if many conversations refused close
    together, while nobody was answered privately. Refusals that are hours apart say nothing about the tenant: each may
    have passed, and to try costs little. `Chat` repeats a refusal that may pass in a moment before it reports one.
    """
    lately = sorted(at for at in refused.values() if now - at < FORGOTTEN)
    tenant_refuses = any(last - first < PAUSE for first, last in zip(lately, lately[MANY - 1 :], strict=False))
    return not tenant_refuses and (conversation not in refused or now - refused[conversation] >= PAUSE)


@dataclass(frozen=True, slots=True)
class Privately:
    """Answers people."""

    clock: Clock
    chat: Chat
    memory: Memory

    async def answer(self, written: Message, answer: str | CardJson) -> bool:
        """Answer where it was written if only its author reads there, else so that only they see it.

        Return whether the author was answered, if only with a public line that says where to write. The answer may
        come twice if Teams did not say whether it took the first one.
        """
        if await self._answered_there(written, answer) or await self._answered_in_chat(written, answer):
            return True
        if written.scope is not Scope.PERSONAL and await self._said_elsewhere(written):
            return True
        log.error("answer_not_delivered", account=written.account, scope=written.scope)
        return False

    async def _answered_there(self, written: Message, answer: str | CardJson) -> bool:
        if written.scope is not Scope.PERSONAL:
            return await self._answered_privately(written, answer)
        try:
            await self._say(Address(written.service_url, written.conversation), answer)
        except PortError as error:
            _failed("chat", written, error)
            return False
        return True

    async def _answered_privately(self, written: Message, answer: str | CardJson) -> bool:
        where = channel_of(written.conversation)
        if not await self._may_try(where):
            return False
        try:
            await self._say(Address(written.service_url, written.conversation, written.mri), answer)
        except NotPrivate as error:
            log.warning("private_answer_refused", conversation=where, error=str(error))
            with suppress(PortError):
                await self.memory.save_private_refused(where, await self.clock.now())
            return False
        except PortError as error:
            _failed("private", written, error)
            return False
        with suppress(PortError):  # the answer has been sent anyway
            if await self.memory.private_refused():
                await self.memory.forget_private_refused()
        return True

    async def _may_try(self, where: str) -> bool:
        """Return whether to try; true if the store does not answer, because the 1:1 chat cannot be found without it."""
        try:
            return may_try(await self.memory.private_refused(), where, await self.clock.now())
        except PortError:
            return True

    async def _answered_in_chat(self, written: Message, answer: str | CardJson) -> bool:
        try:
            if isinstance(answer, str):
                await self.chat.tell(written.account, answer)
            else:
                await self.chat.post(InChat(written.account), answer, _summary(answer))
        except PortError as error:
            _failed("chat", written, error)
            return False
        return True

    async def _said_elsewhere(self, written: Message) -> bool:
        try:
            await self.chat.answer(Address(written.service_url, written.conversation), ELSEWHERE)
        except PortError as error:
            _failed("public", written, error)
            return False
        return True

    async def _say(self, to: Address, answer: str | CardJson) -> None:
        if isinstance(answer, str):
            await self.chat.answer(to, answer)
        else:
            await self.chat.show(to, answer, _summary(answer))


def _failed(way: str, written: Message, error: PortError) -> None:
    log.warning("answer_failed", way=way, account=written.account, error=str(error), teams_request=error.request_id)


def _summary(card: CardJson) -> str:
    return str(card.get("fallbackText", ""))
