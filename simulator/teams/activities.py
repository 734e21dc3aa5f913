"""Activities in Teams' format."""

import secrets
from enum import StrEnum
from typing import Any

from simulator.teams.connector import Connector
from simulator.teams.places import Conversation
from simulator.world import TENANT_ID, User


class Named(StrEnum):
    """The ids in an event about a team. One conversation of the team sends it, not each channel."""

    BOTH = "the team and its general channel"  # botframework-sdk#5892
    CHANNEL = "the general channel alone"  # msteams-docs#7462
    TEAM = "the team alone, whose id is the conversation's as well"  # msteams-docs#2676, botbuilder-js#2471


def new_id() -> str:
    """Return a new activity id."""
    return f"f:{secrets.token_hex(10)}"


def activity(connector: Connector, kind: str, conversation: Conversation, user: User, **more: Any) -> dict[str, Any]:
    """Return an activity of a person in a conversation; `more` adds or replaces properties."""
    channel_data: dict[str, Any] = {"tenant": {"id": TENANT_ID}}
    if conversation.kind == "channel":
        channel_data |= {
            "team": {"id": f"19:team-{conversation.team}@thread.tacv2", "name": conversation.team},
            "channel": {"id": conversation.id, "name": conversation.name},
        }
    where = {"id": conversation.id, "conversationType": conversation.kind, "tenantId": TENANT_ID}
    made = {
        "type": kind,
        "id": new_id(),
        "timestamp": "2026-11-23T08:00:00.000Z",
        "channelId": "msteams",
        "serviceUrl": connector.service_url,
        "from": {"id": user.mri, "name": user.name, "aadObjectId": user.id},
        "recipient": {"id": f"28:{connector.bot_app_id}", "name": "Countersign"},
        "conversation": where | ({"isGroup": True} if conversation.kind != "personal" else {}),
        "channelData": channel_data,
        "locale": "en-GB",
        "entities": [{"type": "clientInfo", "locale": "en-GB", "country": "DE", "timezone": user.time_zone}],
    }
    return made | more


def of_team(connector: Connector, event: str, general: Conversation, user: User, named: Named) -> dict[str, Any]:
    """Return an event about a team."""
    made = activity(connector, "conversationUpdate", general, user)
    data = made["channelData"] | {"eventType": event}
    if named is Named.CHANNEL:
        del data["team"]
    if named is Named.TEAM:
        del data["channel"]
        made["conversation"] |= {"id": data["team"]["id"]}
    return made | {"channelData": data}
