"""One mail about everything that waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from approvals.effects import Notice
from approvals.request import Request
from cards import letters
from handlers.ports.directory import Directory
from handlers.ports.errors import Unsendable
from handlers.ports.people import Mail
from handlers.ports.places import InChannel
from handlers.ports.teams import Chat
from handlers.showing.attempts import Attempts

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mailing:
    """Sends mail. Without `mail` nobody gets any."""

    mail: Mail | None
    directory: Directory
    chat: Chat
    attempts: Attempts

    async def send(self, account: str, told: Sequence[tuple[Request, Notice]]) -> None:
        """Send it to the mailbox of the account, or of a linked one that has one."""
        address = await self._address_of(account)
        if self.mail is None or address is None:
            log.warning("no_mailbox", account=account)
            return
        items = [letters.Item(request, notice.notification, await self._link(request)) for request, notice in told]
        try:
            await self.mail.send(address, letters.letter(items))
        except Unsendable as error:
            log.warning("mail_given_up", account=account, error=str(error))

    async def _address_of(self, account: str) -> str | None:
        if self.mail is None:
            return None
        person = await self.directory.person(account)
        linked = sorted(person.accounts - {account}) if person else []
        for one in (account, *linked):
            if address := await self.mail.address_of(one):
                return address
        return None

    async def _link(self, request: Request) -> str:
        """Return the link to the card in a channel, if there is one: only there is anything decided."""
        copies = await self.attempts.living(request)
        shown = [copy for copy in copies if isinstance(copy.place, InChannel)]
        return self.chat.link(shown[0]) if shown else ""
