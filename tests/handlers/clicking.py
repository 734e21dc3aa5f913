"""Helpers that click on cards and read the card that comes back."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from approvals.people import Person
from approvals.request import Request
from cards.actions import Button, Verb, fingerprint_of
from handlers.deciding.scene import Scene
from handlers.incoming.clicks import Answer, AskForToken, Click, Say, Scope, ShowCard
from handlers.ports.requests import IdempotencyKey
from handlers.ports.teams import CardJson
from tests.fakes.sign_in import assertion_of
from tests.handlers.stage import APPROVALS, Stage

_IDS = count(1)


def click(who: Person, verb: Verb, request: Request, **changes: Any) -> Click:
    """Return a click of this person on a card of the request, in the channel and without a sign-in."""
    click_id = changes.pop("id", "") or f"click-{next(_IDS)}"
    button = Button(verb, request.id, changes.pop("fingerprint", fingerprint_of(request)), changes.pop("attempt", ""))
    usual: dict[str, Any] = {
        "once": IdempotencyKey(click_id, changes.pop("digest", f"{who.account} {verb} {changes.get('note', '')}")),
        "account": who.account,
        "name": who.name,
        "mri": f"29:{who.account}",
        "scope": Scope.CHANNEL,
        "conversation": f"{APPROVALS};messageid=1",
        "message_id": "1",
        "button": button,
    }
    return Click(**(usual | changes))


def signed_in(who: Person) -> dict[str, Any]:
    """Return the values of a click with which Teams sends the person's token."""
    return {"assertion": assertion_of(who.account)}


def in_chat(who: Person) -> dict[str, Any]:
    """Return the values of a click in the 1:1 chat, where Teams can fetch a token silently."""
    return {"scope": Scope.PERSONAL, "conversation": f"a:{who.account}"}


async def scene(stage: Stage, clicked: Click) -> Scene:
    """Return the scene: the click with the present request and the person's eligibility."""
    request = stage.store.requests.stored[clicked.button.request_id]
    return Scene(clicked, request, await stage.journeys.eligibilities.to(request, clicked.account, clicked.name))


def words(answer: Answer | CardJson) -> str:
    """Return all words of an answer or a card."""
    match answer:
        case ShowCard():
            return json.dumps(answer.card, ensure_ascii=False)
        case Say():
            return answer.text
        case AskForToken():
            return answer.sign_in_url
        case _:
            return json.dumps(answer, ensure_ascii=False)


def verbs(answer: Answer | CardJson) -> list[str]:
    """Return the verbs of the buttons on the card."""
    return [str(one["verb"]) for one in _actions(_card(answer)) if one["type"] == "Action.Execute"]


def sign_in_link(answer: Answer | CardJson) -> str:
    """Return the address of the card's sign-in link, or an empty text."""
    links = [one for one in _actions(_card(answer)) if one["type"] == "Action.OpenUrl" and one["title"] == "Sign in"]
    return str(links[0]["url"]) if links else ""


def _card(answer: Answer | CardJson) -> CardJson:
    assert not isinstance(answer, Say | AskForToken), answer
    return answer.card if isinstance(answer, ShowCard) else answer


def _actions(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if str(part.get("type", "")).startswith("Action."):
            yield part
        for name, within in part.items():
            if name != "refresh":
                yield from _actions(within)
    elif isinstance(part, list):
        for one in part:
            yield from _actions(one)
