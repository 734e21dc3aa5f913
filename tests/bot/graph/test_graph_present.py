"""The present state of an object: its settings, their names, and what may not be read."""

from typing import Any

import pytest

from approvals.kinds import KINDS, ObjectKind, Shape, kind_of
from bot.graph.http import GraphClient
from bot.graph.present import DefinitionNames, read_present
from bot.graph.settings_catalog import Definition
from handlers.ports.errors import Throttled, Unavailable
from tests.bot.graph.scripted import ScriptedGraph


def kind(name: str) -> ObjectKind:
    found = kind_of(name)
    assert found is not None
    return found


CATALOGUE, COMPLIANCE, APP = kind("ConfigurationPolicy"), kind("DeviceCompliancePolicy"), kind("MobileApp")


@pytest.mark.parametrize("one", [one for one in KINDS if one.place], ids=lambda one: one.code)
async def test_every_type_is_read_where_it_is(graph: ScriptedGraph, client: GraphClient, one: ObjectKind) -> None:
    """Every kind of object is read by its id in its own collection, with the related data that it needs."""
    graph.tell(f"/beta/{one.place}/x", {"id": "x"})
    for below in ("settings", "definitionValues"):
        graph.tell(f"/beta/{one.place}/x/{below}", {"value": [{"id": "0"}]})
    found = await read_present(client, one, "x", ())
    assert found is not None
    assert found.held == {"id": "x"}
    assert bool(found.below) is (one.shape is not Shape.PLAIN)
    assert graph.calls[0].query.get("$expand", "") == one.expand


async def test_a_question_that_graph_does_not_take(graph: ScriptedGraph, client: GraphClient) -> None:
    """If Graph does not know a relation of the object, the object is read without it."""
    path = f"/beta/{COMPLIANCE.place}/x"
    graph.tell(path, {"error": {"code": "BadRequest", "message": "no such relation"}}, 400)
    graph.tell(path, {"id": "x", "preSharedKey": "hunter2"})
    found = await read_present(client, COMPLIANCE, "x", ())
    assert found is not None
    assert found.held == {"id": "x", "preSharedKey": "(not shown)"}


@pytest.mark.parametrize(("status", "error"), [(503, Unavailable), (429, Throttled)])
async def test_a_graph_that_fails(
    graph: ScriptedGraph, client: GraphClient, status: int, error: type[Exception]
) -> None:
    """If Graph fails, an error is raised, and the object is not read in another way."""
    graph.tell(f"/beta/{COMPLIANCE.place}/x", status=status)
    with pytest.raises(error):
        await read_present(client, COMPLIANCE, "x", ())


@pytest.mark.parametrize("status", [403, 404])
async def test_settings_that_are_hidden_hide_the_object(graph: ScriptedGraph, client: GraphClient, status: int) -> None:
    """If the settings of a policy are hidden, the policy counts as unread, so that it does not look empty."""
    graph.tell(f"/beta/{CATALOGUE.place}/x", {"id": "x"})
    graph.tell(f"/beta/{CATALOGUE.place}/x/settings", {"error": {"code": "x", "message": "x"}}, status)
    assert await read_present(client, CATALOGUE, "x", ()) is None


async def test_the_relationships_of_an_app(graph: ScriptedGraph, client: GraphClient) -> None:
    """The relationships of an app are read only if the change contains them."""
    graph.tell(f"/beta/{APP.place}/x", {"id": "x"})
    graph.tell(f"/beta/{APP.place}/x/relationships", {"value": [{"targetId": "y"}]})
    found = await read_present(client, APP, "x", ("relationships",))
    assert found is not None
    assert found.held["relationships"] == [{"targetId": "y"}]
    assert (await read_present(client, APP, "x", ("displayName",))) is not None
    assert len(graph.calls) == 3


# --- names --------------------------------------------------------------------------------------------------------


def settings(*ids: str) -> list[Any]:
    return [{"settingInstance": {"settingDefinitionId": one}} for one in ids]


async def test_names_are_remembered(graph: ScriptedGraph, client: GraphClient) -> None:
    """Names of settings are remembered, and names that are already known are not read."""
    graph.tell("/beta/deviceManagement/configurationSettings/a", {"id": "a", "displayName": "A"})
    names = DefinitionNames(client)
    for _ in range(3):
        found = await names.of(CATALOGUE, settings("a", "B"), {"b": Definition("B")})
        assert {key: one.name for key, one in found.items()} == {"a": "A", "b": "B"}
    assert len(graph.calls) == 1


async def test_names_that_are_hidden_are_asked_for_again(graph: ScriptedGraph, client: GraphClient) -> None:
    """A name that was hidden is asked for again the next time."""
    names, path = DefinitionNames(client), "/beta/deviceManagement/configurationSettings/a"
    graph.tell(path, {"error": {"code": "x", "message": "x"}}, 403)
    graph.tell(path, {"id": "a", "displayName": "A"})
    assert await names.of(CATALOGUE, settings("a"), {}) == {}
    assert "a" in await names.of(CATALOGUE, settings("a"), {})


async def test_the_memory_has_an_end(graph: ScriptedGraph, client: GraphClient) -> None:
    """The number of remembered names is limited."""
    names = DefinitionNames(client, most=2)
    for one in ("a", "b", "c", "a"):
        graph.tell(f"/beta/deviceManagement/configurationSettings/{one}", {"id": one, "displayName": one})
        assert one in await names.of(CATALOGUE, settings(one), {})
    assert len(graph.calls) == 4


async def test_what_has_no_definitions(graph: ScriptedGraph, client: GraphClient) -> None:
    """No names are read for objects without definitions of settings."""
    for one in (None, APP, kind("GroupPolicyConfiguration")):
        assert await DefinitionNames(client).of(one, settings("a"), {}) == {}
    assert graph.calls == []
