"""Reads a click on a card from what Teams sends, and renders the answer that Teams shows."""

import json
from typing import Any
from uuid import uuid4

from bot.teams.inbound.activity import LONGEST_ID, Activity, Payload, text
from bot.teams.inbound.rejected import malformed
from cards.actions import OURS, Button
from cards.steps import LONGEST_NOTE
from handlers.incoming.clicks import Answer, AskForToken, Click, Say, ShowCard

CARD_ACTION = "adaptiveCard/action"
"""The invoke for a click on a card's `Action.Execute`, or for a card's refresh."""

# Teams wants the name of an OAuth connection. We have none, and Teams refuses the card if the name is empty.
_CONNECTION = "countersign"


def read_click(activity: Activity) -> Click:
    """Read the click. Raises `Rejected` (400) if no card of ours could have sent this."""
    value = _object(activity.fields, "value")
    action = _object(value, "action")
    if action.get("type") != "Action.Execute":
        raise malformed("the action is no Action.Execute")
    verb, data = action.get("verb"), _object(action, "data")
    button = Button.read(verb, data) if isinstance(verb, str) else None
    if button is None:
        raise malformed("the action's verb or data is not known to this bot")
    message_id = text(activity.fields, "replyToId")
    if len(message_id) > LONGEST_ID:
        raise malformed("the message's id is too long")
    return Click(
        once=activity.once(message_id, verb, data),
        account=activity.account,
        name=activity.name,
        mri=activity.mri,
        scope=activity.scope,
        conversation=activity.conversation,
        message_id=message_id,
        button=button,
        note=_optional_text(data, "note")[:LONGEST_NOTE],
        inputs={name: value for name, value in data.items() if isinstance(value, str) and name not in OURS},
        assertion=_assertion(value),
        automatic=value.get("trigger") == "automatic",
        service_url=activity.service_url,
    )


def render(answer: Answer, token_resource: str) -> bytes:
    """Return the body that answers the invoke. `token_resource` is the sign-in application's identifier (api://...)."""
    match answer:
        case ShowCard(card):
            return invoke_response(200, "application/vnd.microsoft.card.adaptive", card)
        case Say(sentence):
            return invoke_response(200, "application/vnd.microsoft.activity.message", sentence)
        case AskForToken(sign_in_url):
            card = _login_card(sign_in_url, token_resource)
            return invoke_response(401, "application/vnd.microsoft.activity.loginRequest", card)


def apology(error_id: str) -> bytes:
    """Return the answer for a flow that failed. It reveals only the id under which the failure is logged."""
    message = (
        "Sorry, something went wrong, and it is not known how far it came. The card shows the present state when it is "
        f"opened again. If this happens again, tell the operators of Countersign this number: {error_id}."
    )
    return invoke_response(500, "application/vnd.microsoft.error", {"code": "InternalServerError", "message": message})


def invoke_response(status: int, kind: str, value: Any) -> bytes:
    """Encode an answer as Teams expects it within HTTP 200; its own status is in the body."""
    return json.dumps({"statusCode": status, "type": kind, "value": value}, separators=(",", ":")).encode()


def _login_card(sign_in_url: str, token_resource: str) -> dict[str, Any]:
    """Build the sign-in card. Teams exchanges the id for this person's token and clicks again, or shows the button.

    An id can be exchanged once, so each card has its own.
    """
    title = "Sign in"
    return {
        "text": "Please sign in, so that Intune knows that it is you.",
        "connectionName": _CONNECTION,
        "tokenExchangeResource": {"id": str(uuid4()), "uri": token_resource},
        "buttons": [{"type": "signin", "title": title, "text": title, "value": sign_in_url}],
    }


def _assertion(value: Payload) -> str | None:
    """Return the token that Teams fetched for this person, if it was asked to."""
    authentication = value.get("authentication")
    if authentication is None:
        return None
    return _optional_text(_object(value, "authentication"), "token") or None


def _object(fields: Payload, name: str) -> Payload:
    found = fields.get(name)
    if not isinstance(found, dict):
        raise malformed(f"the invoke needs an object called {name}")
    return found


def _optional_text(fields: Payload, name: str) -> str:
    if not isinstance(fields.get(name), str | None):
        raise malformed(f"what the invoke calls {name} is no text")
    return text(fields, name)
