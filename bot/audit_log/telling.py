"""Sends checkpoints out, to the operations channel or by mail, so that the log's host cannot take them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import structlog

from approvals.people import Group
from bot.audit_log.note import packed
from cards.letters import Letter
from handlers.ports.directory import Directory
from handlers.ports.errors import PortError
from handlers.ports.people import Mail
from handlers.ports.teams import Chat

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Telling:
    """The recipients: the operations channel (empty for none), and the auditors by mail, if there is a mailbox."""

    chat: Chat
    operations_channel: str
    mail: Mail | None
    directory: Directory
    auditors: Sequence[Group]

    async def say(self, sentence: str) -> None:
        """Post a sentence for the operators."""
        if self.operations_channel:
            await self.chat.say(self.operations_channel, sentence)

    async def tell(self, day: str, note: str) -> bool:
        """Send a day's last checkpoint to the channel, or to the auditors by mail; return whether somebody has received
        it."""
        line = f"Audit checkpoint of {day}: {packed(note)}"
        try:
            if self.operations_channel:
                await self.chat.say(self.operations_channel, line)
                return True
            return self.mail is not None and await self._mail(self.mail, day, line)
        except PortError as error:
            log.error("audit_checkpoint_not_told", day=day, note=note, why=str(error))
            return False

    async def _mail(self, mail: Mail, day: str, line: str) -> bool:
        """Mail every auditor; return whether at least one mail was sent. One is enough: the host cannot undo it."""
        why = (
            "Keep this mail: with its last line, verify --checkpoint shows that nobody has cut off or rewritten the "
            "log."
        )
        letter = Letter(f"Audit checkpoint of {day}", f"{why}\n\n{line}", f"<p>{escape(why)}</p><p>{escape(line)}</p>")
        has_it = False
        for account in sorted(
            {one.account for group in self.auditors for one in await self.directory.members(group.id)}
        ):
            try:
                if address := await mail.address_of(account):
                    await mail.send(address, letter)
                    has_it = True
            except PortError as error:
                log.error("audit_checkpoint_not_told", day=day, account=account, why=str(error))
        return has_it
