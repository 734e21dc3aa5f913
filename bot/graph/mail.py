"""Mail from one mailbox, over Microsoft Graph: the port `Mail`."""

import base64
import re
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from urllib.parse import quote

from bot.graph import loose
from bot.graph.http import GraphClient
from cards.letters import Letter
from handlers.ports.errors import NotFound, Unsendable
from handlers.ports.orders import Call

# Exactly one mailbox: a list, a name or a line break could add other recipients.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")

_LINE_END = re.compile(r"\r?\n")
_WIRE = compat32.clone(linesep="\r\n")


class GraphMail:
    """Sends as `mailbox` (an address), text and HTML in one message, which Graph keeps among its sent items."""

    def __init__(self, client: GraphClient, mailbox: str) -> None:
        self._client = client
        self._mailbox = mailbox

    async def send(self, to: str, letter: Letter) -> None:
        """Send it, by exactly one call; Graph accepts it and does not say whether it arrives.

        Raises `Unavailable` if it may have been sent, `Unsendable` if it never can be.
        """
        body = base64.b64encode(_message(self._mailbox, to, letter))
        path = f"/v1.0/users/{quote(self._mailbox, safe='')}/sendMail"
        reply = await self._client.act(Call("POST", path, body), {"Content-Type": "text/plain"})
        if not reply.ok:
            raise reply.error()

    async def address_of(self, account: str) -> str | None:
        """Return the mail address of an enabled account, if it has one."""
        if not account.strip():
            return None  # without an id Graph would list everybody
        path = f"/v1.0/users/{quote(account, safe='')}"
        try:
            user = await self._client.get(path, {"$select": "id,mail,accountEnabled"})
        except NotFound:
            return None
        enabled = loose.get(user, "accountEnabled") is True
        return (loose.text(user, "mail") or None) if enabled else None


def _message(sender: str, to: str, letter: Letter) -> bytes:
    """Build the message in ASCII. `EmailMessage` would lose spaces of long subjects (python/cpython issue 92081)."""
    message = MIMEMultipart("alternative")
    message["From"], message["To"] = _address(sender), _address(to)
    try:
        message["Subject"] = Header(" ".join(letter.subject.split()), "utf-8", header_name="Subject").encode()
        message.attach(_part(letter.text, "plain"))
        message.attach(_part(letter.html, "html"))
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can hold and mail cannot
        raise Unsendable("this mail holds what is no character") from None
    return message.as_bytes(policy=_WIRE)


def _part(text: str, kind: str) -> MIMEText:
    return MIMEText(_LINE_END.sub("\r\n", text), kind, "utf-8")


def _address(written: str) -> str:
    if not _ADDRESS.fullmatch(written):
        raise Unsendable("this is not the address of one mailbox")
    return written
