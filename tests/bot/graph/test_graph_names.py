"""Whom a mail address means, where it is not the name that somebody signs in with."""

from typing import Any

import pytest

from bot.graph.http import GraphClient
from bot.graph.names import find_account
from handlers.ports.errors import Unavailable
from tests.bot.graph.scripted import ScriptedGraph

USER = {"id": "u1", "userPrincipalName": "d@x.example", "mail": "dana@x.example", "displayName": "Dana O'Diaz"}
ACTIVE = {"accountEnabled": True, "userType": "Member"}


@pytest.mark.parametrize(
    ("name", "users", "found"),
    [
        ("Dana@X.example", [USER | ACTIVE], "u1"),
        ("dana o'diaz", [USER | ACTIVE], "u1"),
        ("dana@x.example", [USER | ACTIVE | {"mail": "dana@x.example.evil"}], None),  # Graph compared otherwise
        ("dana@x.example", [USER | ACTIVE | {"userType": "Guest"}], None),
        ("dana@x.example", [USER], None),
        ("dana@x.example", [USER | ACTIVE, USER | ACTIVE | {"id": "u2"}], None),
        ("dana@x.example", [USER | ACTIVE, USER | {"id": "u2"}], "u1"),
        ("dana@x.example", [], None),
    ],
)
async def test_the_one_active_account_of_a_name(
    graph: ScriptedGraph, client: GraphClient, name: str, users: list[dict[str, Any]], found: str | None
) -> None:
    """Compared here once more; two of one name are none."""
    graph.tell("/v1.0/users", {"value": users})
    assert await find_account(client, name) == found


async def test_a_name_is_a_value(graph: ScriptedGraph, client: GraphClient) -> None:
    """Whatever it looks like; and a name with spaces is no address to ask for."""
    graph.tell("/v1.0/users", {"value": []})
    await find_account(client, "x' or mail ne '")
    [call] = graph.calls
    assert call.query["$filter"] == "startswith(displayName,'x')"
    await find_account(client, "x&mail")
    assert graph.calls[1].query["$filter"] == "displayName eq 'x&mail'"


@pytest.mark.parametrize("name", ["Dana O'Diaz", "dana o\u2019diaz", "Dana\u00a0O'Diaz"])
async def test_a_name_is_found_whatever_its_quotes(graph: ScriptedGraph, client: GraphClient, name: str) -> None:
    """On both sides."""
    graph.tell("/v1.0/users", {"value": [USER | ACTIVE | {"displayName": "Dana  O\u2018Diaz"}]})
    assert await find_account(client, name) == "u1"


async def test_no_answer_is_not_nobody(graph: ScriptedGraph, client: GraphClient) -> None:
    """The page is tried again."""
    graph.tell("/v1.0/users", status=503)
    with pytest.raises(Unavailable):
        await find_account(client, "Dana Diaz")
