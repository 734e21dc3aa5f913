"""Parses what Teams sends, and accepts it only if it is meant for this bot."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.config.origins import is_same_address
from bot.teams.inbound.rejected import malformed, not_ours
from bot.teams.inbound.tokens import CHANNEL
from handlers.incoming.clicks import Scope
from handlers.ports.requests import IdempotencyKey

Payload = Mapping[str, Any]
"""A JSON object from outside."""

LONGEST_ID = 512
"""Longer than any id of Teams; longer ones are not accepted as keys in the store."""

_SCOPES = {"channel": Scope.CHANNEL, "groupChat": Scope.GROUP_CHAT, "personal": Scope.PERSONAL}
_FROM_PEOPLE = {"invoke", "message"}
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""Most bodies contain none, so that few need the full check."""

_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity from Teams for this bot. Only `account`, `name`, `mri` and `invoke` may be empty.

    `account` is the sender's object id in lower case; clicks and messages always have it. `bot` is our own id in Teams.
    `fields` is the whole activity.
    """

    kind: str
    invoke: str
    id: str
    account: str
    name: str
    mri: str
    bot: str
    scope: Scope
    conversation: str
    service_url: str
    fields: Payload = field(repr=False)

    def once(self, *said: object) -> IdempotencyKey:
        """Return its identity: its id, and a hash over sender, place and content.

        `said` contains everything that a flow acts on, but nothing that Teams may change when it sends an activity
        again (times, the trigger, details of the client, a token).
        """
        try:
            canonical = json.dumps(
                [self.kind, self.account, self.name, self.mri, self.scope, self.conversation, said],
                sort_keys=True,
                separators=(",", ":"),
            )
        except RecursionError:
            raise malformed("the activity is nested too deeply") from None
        return IdempotencyKey(self.id, hashlib.sha256(canonical.encode()).hexdigest())


class Admission:
    """Accepts activities for this bot from one of its tenants, and rejects everything else."""

    def __init__(self, app_id: str, tenants: Iterable[str]) -> None:
        self._bot = f"28:{app_id}".lower()
        self._tenants = frozenset(tenant.lower() for tenant in tenants if tenant)

    def admit(self, fields: Payload, service_url: str) -> Activity:
        """Return the activity if it is for us and from the address that its token names; else raise `Rejected`."""
        self._check_address(fields, service_url)
        sender, conversation = inner(fields, "from"), inner(fields, "conversation")
        kind, account = text(fields, "type"), text(sender, "aadObjectId").lower()
        account = account if _OBJECT_ID.fullmatch(account) else ""
        if kind in _FROM_PEOPLE and not account:
            raise not_ours("the sender has no Entra object id")
        scope = _SCOPES.get(text(conversation, "conversationType"))
        if not kind or scope is None:
            raise malformed("the activity needs a type and a known conversation type")
        return Activity(
            kind=kind,
            invoke=text(fields, "name"),
            id=_id(fields),
            account=account,
            name=text(sender, "name"),
            mri=text(sender, "id"),
            bot=self._bot,
            scope=scope,
            conversation=_id(conversation),
            service_url=service_url,
            fields=fields,
        )

    def _check_address(self, fields: Payload, service_url: str) -> None:
        if fields.get("channelId") != CHANNEL:
            raise not_ours(f"only the channel {CHANNEL} is served")
        if not is_same_address(fields.get("serviceUrl"), service_url):
            raise not_ours("the activity's service address is not the one that the token speaks for")
        if text(inner(fields, "recipient"), "id").lower() != self._bot:
            raise not_ours("the activity is for another bot")
        in_data = text(inner(inner(fields, "channelData"), "tenant"), "id").lower()
        in_conversation = text(inner(fields, "conversation"), "tenantId").lower()
        if not {in_data, in_conversation} <= self._tenants:
            raise not_ours("the activity is from another tenant")


def parse(body: bytes) -> Payload:
    """Parse the JSON object in a request's body, or raise `Rejected`.

    JSON can contain lone surrogates, escaped or as bytes. No store, log or answer can encode them.
    """
    try:
        parsed = json.loads(body.decode())
        if _ESCAPED_HALF.search(body):
            json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise malformed("the body holds half a character") from None
    except (ValueError, RecursionError):
        raise malformed("the body is no JSON") from None
    if not isinstance(parsed, dict):
        raise malformed("the body is no JSON object")
    return parsed


def inner(fields: Payload, name: str) -> Payload:
    """Return a nested object, empty if there is none."""
    found = fields.get(name)
    return found if isinstance(found, dict) else {}


def text(fields: Payload, name: str) -> str:
    """Return a string field, empty if there is none."""
    found = fields.get(name)
    return found if isinstance(found, str) else ""


def _id(fields: Payload) -> str:
    found = text(fields, "id")
    if not 0 < len(found) <= LONGEST_ID:
        raise malformed("the activity and its conversation need an id")
    return found
