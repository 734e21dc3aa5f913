"""Mail from one mailbox, over Microsoft Graph: the port `Mail`."""

import base64
import re
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from bot.graph import loose
from bot.graph.http import GraphClient
from cards.letters import Letter
from handlers.ports import Call, NotFound, PortError

# One mailbox and nothing else: no list, no name, no line break, for each of them would reach somebody else as well.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_WIRE = SMTP.clone(cte_type="7bit")  # what every mail server on the way can pass on as it is


class Unsendable(PortError):
    """This can never be sent as it is."""


class GraphMail:
    """Sends as `mailbox` (an address), text and HTML in one message, which Graph keeps among its sent items."""

    def __init__(self, client: GraphClient, mailbox: str) -> None:
        self._client = client
        self._mailbox = mailbox

    async def send(self, to: str, letter: Letter) -> None:
        """Send it, by exactly one call; Graph accepts it and does not say whether it arrives.

        `Unavailable` means that it may have been sent; `Unsendable` that it never can be.
        """
        path = f"/v1.0/users/{quote(self._mailbox, safe='')}/sendMail"
        body = base64.b64encode(_message(self._mailbox, to, letter))
        reply = await self._client.act(Call("POST", path, body), {"Content-Type": "text/plain"})
        if not reply.ok:
            raise reply.error()

    async def address_of(self, account: str) -> str | None:
        """The mailbox of an enabled account, if it has one."""
        if not account.strip():
            return None  # without an id this would be the list of everybody
        path = f"/v1.0/users/{quote(account, safe='')}"
        try:
            user = await self._client.get(path, {"$select": "id,mail,accountEnabled"})
        except NotFound:
            return None
        enabled = loose.get(user, "accountEnabled") is True
        return (loose.text(user, "mail") or None) if enabled else None


def _message(sender: str, to: str, letter: Letter) -> bytes:
    message = EmailMessage(policy=_WIRE)
    message["From"], message["To"] = _address(sender), _address(to)
    try:
        message["Subject"] = " ".join(letter.subject.split())  # a line break would begin another header
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message.as_bytes()
    except ValueError as error:  # half a character, which no encoding holds
        raise Unsendable(f"this mail cannot be written: {error}") from None


def _address(written: str) -> str:
    if not _ADDRESS.fullmatch(written):
        raise Unsendable("this is not the address of one mailbox")
    return written
