"""The copy of a checkpoint that the log's own host cannot take back: in the operations channel, or in a mail."""

from html import escape

import structlog

from bot.audit_log.note import packed
from cards.letters import Letter
from handlers.desk import Desk
from handlers.ports.errors import PortError
from handlers.ports.people import Mail

log = structlog.get_logger(__name__)


async def tell(desk: Desk, day: str, note: str) -> bool:
    """Tell a day's last checkpoint; whether somebody outside has it now. Without a channel the auditors get a mail."""
    line = f"Audit checkpoint of {day}: {packed(note)}"
    try:
        if desk.operations_channel:
            await desk.chat.say(desk.operations_channel, line)
            return True
        return desk.mail is not None and await _mail(desk, desk.mail, day, line)
    except PortError as error:
        log.error("audit_checkpoint_not_told", day=day, note=note, why=str(error))
        return False


async def _mail(desk: Desk, mail: Mail, day: str, line: str) -> bool:
    """To every auditor; one who has it is enough, for it cannot be taken back from them."""
    why = "Keep this mail: with its last line, verify --checkpoint shows that nobody has cut off or rewritten the log."
    letter = Letter(f"Audit checkpoint of {day}", f"{why}\n\n{line}", f"<p>{escape(why)}</p><p>{escape(line)}</p>")
    has_it = False
    for account in sorted(
        {one.account for group in desk.book.auditors for one in await desk.directory.members(group.id)}
    ):
        try:
            if address := await mail.address_of(account):
                await mail.send(address, letter)
                has_it = True
        except PortError as error:
            log.error("audit_checkpoint_not_told", day=day, account=account, why=str(error))
    return has_it
