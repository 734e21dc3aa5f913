"""sendMail into an outbox, and presence."""

from dataclasses import dataclass
from typing import Any

from simulator.graph import odata, permissions
from simulator.graph.call import Answer, Call, Route
from simulator.graph.directory import Directory
from simulator.graph.errors import GraphError, bad_request
from simulator.world import User, World

MOST_PRESENCES = 650


@dataclass(frozen=True)
class Mail:
    """A message that was accepted; whether it is delivered, Graph does not say."""

    sender: str
    to: tuple[str, ...]
    subject: str
    content_type: str
    content: str


class Messaging:
    """What people would notice of Graph: mail in `outbox`, and whether they look available."""

    def __init__(self, world: World, directory: Directory) -> None:
        self.outbox: list[Mail] = []
        self._world = world
        self._directory = directory

    def routes(self) -> list[Route]:
        """The part's routes."""
        return [
            Route("POST", "/users/{id}/sendMail", self._send, permissions.MAIL),
            Route("GET", "/users/{id}/presence", self._presence, permissions.PRESENCE),
            Route("POST", "/communications/getPresencesByUserId", self._presences, permissions.PRESENCE),
        ]

    def _send(self, call: Call) -> Answer:
        sender = self._directory.user(call.arguments["id"]).upn
        try:
            self.outbox.append(_mail(sender, call.json()))
        except (KeyError, TypeError) as error:
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


def _mail(sender: str, body: dict[str, Any]) -> Mail:
    message = body["message"]
    recipients = tuple(recipient["emailAddress"]["address"] for recipient in message["toRecipients"])
    if not recipients or not all(isinstance(address, str) and "@" in address for address in recipients):
        raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    return Mail(sender, recipients, message["subject"], message["body"]["contentType"], message["body"]["content"])


def _presence_row(user: User) -> dict[str, Any]:
    return {"id": user.id, "availability": user.availability, "activity": user.availability}
