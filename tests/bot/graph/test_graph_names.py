"""Finding an account by a mail address or a display name."""

from typing import Any

import pytest

from bot.graph.http import GraphClient
from bot.graph.names import NoUsableAccount, find_account, look_up
from handlers.ports.errors import Unavailable
from simulator.tenant import Tenant
from tests.bot.graph.scripted import ScriptedGraph

USER = {"id": "u1", "userPrincipalName": "d@x.example", "mail": "dana@x.example", "displayName": "Dana O'Diaz"}
ACTIVE = {"accountEnabled": True, "userType": "Member"}


@pytest.mark.parametrize(
    ("name", "users", "found"),
    [
        ("Dana@X.example", [USER | ACTIVE], "u1"),
        ("dana o'diaz", [USER | ACTIVE], "u1"),
        ("dana@x.example", [USER | ACTIVE | {"mail": "dana@x.example.evil"}], None),  # Graph returned another address
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
    """A name finds an account only if exactly one active account has it; the match is checked again on our side."""
    graph.tell("/v1.0/users", {"value": users})
    assert await find_account(client, name) == found


async def test_a_name_is_a_value(graph: ScriptedGraph, client: GraphClient) -> None:
    """A name is sent to Graph as a value and cannot change the query, and a name with blanks is not searched as an
    address."""
    graph.tell("/v1.0/users", {"value": []})
    await find_account(client, "x' or mail ne '")
    call = graph.calls[0]
    first, *_ = call.query["$filter"].split(" or displayName")
    assert first == "displayName eq 'x'' or mail ne '''"


async def test_a_name_without_blanks_or_signs_is_asked_for_once(graph: ScriptedGraph, client: GraphClient) -> None:
    """A name without blanks or special characters is searched in one spelling."""
    graph.tell("/v1.0/users", {"value": []})
    await find_account(client, "Dana")
    [call] = graph.calls
    assert call.query["$filter"] == "displayName eq 'Dana'"


@pytest.mark.parametrize("name", ["D" * 121, "D" * 60 + " " + "d" * 60, f"{'d' * 120}@x.example"])
async def test_what_graph_cannot_compare_is_nobody(name: str, graph_client: GraphClient) -> None:
    """A name of more than 120 characters finds nobody and raises no error, although Graph answers 400 to it."""
    assert await look_up(graph_client, name) is None


ZOE = "Zo\u00eb O'Neil-Van Der Berg"


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "other",
    [
        "Zo\u00eb O\u2019Neil-Van Der Berg",
        "Zo\u00eb\u00a0O'Neil-Van\u00a0Der\u00a0Berg",
        "Zo\u00eb O'Neil-Van\u00a0Der Berg",
        "Zo\u00eb O'Neil\u2011Van Der Berg",
        "Zoe\u0308 O'Neil-Van Der Berg",
        "Zoe\u0308\u00a0O\u2019Neil-Van\u00a0Der\u00a0Berg",
        "zo\u00eb o'neil-van der berg",
    ],
)
async def test_signs_that_look_alike_are_one(other: str, turned: bool, graph_client: GraphClient, site: Tenant) -> None:
    """Quotes, blanks, hyphens and composed letters that look alike count as the same, in the name and in the
    directory."""
    written, known = (ZOE, other) if turned else (other, ZOE)
    dana = site.world.user("dana")
    dana.name = known
    assert await find_account(graph_client, written) == dana.id


async def test_people_whose_names_look_alike_are_two(graph_client: GraphClient, site: Tenant) -> None:
    """A name that fits two active accounts finds nobody, also if it fits one of them only by similar characters."""
    dana, sam = site.world.user("dana"), site.world.user("sam")
    dana.name, sam.name = "Dana O'Neil", "Dana O\u2019Neil"
    assert await look_up(graph_client, "Dana O'Neil") is NoUsableAccount.SEVERAL
    sam.enabled = False
    assert await look_up(graph_client, "Dana O\u2019Neil") == dana.id
    dana.enabled = False
    assert await look_up(graph_client, "Dana O'Neil") is NoUsableAccount.INACTIVE
    assert await look_up(graph_client, "Dana ONeil") is None


async def test_no_answer_is_not_nobody(graph: ScriptedGraph, client: GraphClient) -> None:
    """If Graph gives no answer, an error is raised, so that the page is tried again."""
    graph.tell("/v1.0/users", status=503)
    with pytest.raises(Unavailable):
        await find_account(client, "Dana Diaz")
