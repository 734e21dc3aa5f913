"""sendMail, which fills an outbox, and presence."""

import base64
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import default
from typing import Any

from simulator.graph import odata, permissions
from simulator.graph.call import Answer, Call, Route
from simulator.graph.directory import Directory
from simulator.graph.errors import GraphError, bad_request
from simulator.world import User, World

MOST_PRESENCES = 650


@dataclass(frozen=True)
class Mail:
    """An accepted message; Graph does not say whether it is delivered. Missing parts are empty."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str = ""
    html: str = ""


class Messaging:
    """People's mail, in `outbox`, and their presence."""

    def __init__(self, world: World, directory: Directory) -> None:
        self.outbox: list[Mail] = []
        self._world = world
        self._directory = directory

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("POST", "/users/{id}/sendMail", self._send, permissions.MAIL),
            Route("GET", "/users/{id}/presence", self._presence, permissions.PRESENCE),
            Route("POST", "/communications/getPresencesByUserId", self._presences, permissions.PRESENCE),
        ]

    def _send(self, call: Call) -> Answer:
        sender = self._directory.user(call.arguments["id"])
        if not sender.has_mailbox:
            message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
            raise GraphError(404, "MailboxNotEnabledForRESTAPI", message)
        mime = call.headers.get("content-type", "").startswith("text/plain")
        try:
            self.outbox.append(_from_mime(sender.upn, call.body) if mime else _from_json(sender.upn, call.json()))
        except (LookupError, TypeError, ValueError) as error:
            raise bad_request("The message is not valid.") from error
        return Answer(202)

    def _presence(self, call: Call) -> Answer:
        return odata.entity(call, _presence_row(self._directory.user(call.arguments["id"])), "users/presence")

    def _presences(self, call: Call) -> Answer:
        ids = call.json().get("ids")
        if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_PRESENCES:
            raise bad_request(f"The property 'ids' must hold 1 to {MOST_PRESENCES} ids.")
        users = [user for user in self._world.users.values() if user.id in ids]
        context = {"@odata.context": call.context("Collection(presence)")}
        return Answer(200, context | {"value": [_presence_row(user) for user in users]})


def _from_mime(sender: str, body: bytes) -> Mail:
    """Return the mail of a whole message (RFC 5322) in base64; its To, Cc and Bcc headers name the recipients."""
    message = BytesParser(policy=default).parsebytes(_decoded(body))
    headers = [header for name in ("To", "Cc", "Bcc") for header in message.get_all(name, [])]
    recipients = [address.addr_spec for header in headers for address in header.addresses]
    text, markup = message.get_body(("plain",)), message.get_body(("html",))
    return Mail(
        sender,
        _checked(recipients),
        str(message["Subject"] or ""),
        text=text.get_content() if text else "",
        html=markup.get_content() if markup else "",
    )


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise bad_request("Invalid base64 string for MIME content.") from error


def _from_json(sender: str, body: dict[str, Any]) -> Mail:
    message = body["message"]
    recipients = [recipient["emailAddress"]["address"] for recipient in message["toRecipients"]]
    part = {"Text": "text", "HTML": "html"}[message["body"]["contentType"]]
    return Mail(sender, _checked(recipients), message["subject"], **{part: message["body"]["content"]})


def _checked(recipients: list[Any]) -> tuple[str, ...]:
    if not recipients or not all(isinstance(address, str) and "@" in address for address in recipients):
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    return tuple(recipients)


def _presence_row(user: User) -> dict[str, Any]:
    away = user.availability == "OutOfOffice"
    return {
        "id": user.id,
        "availability": "Offline" if away else user.availability,
        "activity": user.availability,
        "outOfOfficeSettings": {"isOutOfOffice": away, "message": None},
    }
