"""Reads are patient, writes happen once, and every failure comes back in the ports' words."""

import asyncio
import base64
import json
from typing import Any

import aiohttp
import pytest

from bot.entra.application_tokens import NEW
from bot.graph import http
from bot.graph.http import GraphClient
from bot.graph.reply import GraphReply
from handlers.ports.errors import (
    LONGEST_PAUSE,
    Conflict,
    Forbidden,
    NotFound,
    PortError,
    SignInFailed,
    SignInTrouble,
    Throttled,
    TokenRefused,
    Unavailable,
)
from handlers.ports.orders import Call
from handlers.ports.sign_in import UserToken
from tests.bot.graph.scripted import Pauses, ScriptedGraph, Tokens

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'
PERSON = UserToken("person-1", "person-token")


def challenge(claims: str = CLAIMS) -> dict[str, str]:
    encoded = base64.b64encode(claims.encode()).decode()
    return {"WWW-Authenticate": f'Bearer realm="", error="insufficient_claims", claims="{encoded}"'}


async def test_a_read_names_itself_and_asks_for_every_word(graph: ScriptedGraph, client: GraphClient) -> None:
    """Each call carries the token, an id of its own, and the wish to see enum members newer than the first ones."""
    graph.tell("/v1.0/me", {"id": "1"})
    assert await client.get("/v1.0/me", {"$select": "id,a b"}) == {"id": "1"}
    (call,) = graph.calls
    assert call.headers["Authorization"] == "Bearer app-token"
    assert call.headers["Prefer"] == "include-unknown-enum-members"
    assert len(call.headers["client-request-id"]) == 36
    assert call.query == {"$select": "id,a b"}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_read_waits_as_long_as_graph_says(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses, status: int
) -> None:
    """Retry-After is kept to the second."""
    graph.tell("/x", status=status, headers={"Retry-After": "7"})
    graph.tell("/x", {"id": "1"})
    assert await client.get("/x") == {"id": "1"}
    assert pauses.taken == [7.0]


async def test_a_retry_after_may_be_a_date(graph: ScriptedGraph, client: GraphClient, pauses: Pauses) -> None:
    """It is measured against Graph's own clock, not ours."""
    headers = {"Retry-After": "Mon, 23 Nov 2026 10:00:04 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    graph.tell("/x", status=429, headers=headers)
    graph.tell("/x", {})
    await client.get("/x")
    assert pauses.taken == [4.0]


@pytest.mark.parametrize("value", ["0", "-30", "0.2", "Mon, 23 Nov 2026 09:59:00 GMT"])
async def test_a_retry_after_that_is_no_wait(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses, value: str
) -> None:
    """Graph is left alone for a second at least, each time."""
    graph.tell("/x", status=429, headers={"Retry-After": value, "Date": "Mon, 23 Nov 2026 10:00:00 GMT"})
    with pytest.raises(Throttled) as caught:
        await client.get("/x")
    assert (len(graph.calls), len(pauses.taken)) == (http.ATTEMPTS, http.ATTEMPTS - 1)
    assert all(1 <= pause <= 2 for pause in pauses.taken)
    assert caught.value.retry_after is not None
    assert 1 <= caught.value.retry_after <= 2


async def test_a_retry_after_of_a_day(graph: ScriptedGraph, client: GraphClient) -> None:
    """Nobody stops for a day because of one answer."""
    graph.tell("/x", status=429, headers={"Retry-After": "86400"})
    with pytest.raises(Throttled) as caught:
        await client.get("/x")
    assert caught.value.retry_after == LONGEST_PAUSE


async def test_without_a_word_from_graph_pauses_grow(graph: ScriptedGraph, client: GraphClient, pauses: Pauses) -> None:
    """Throttled without Retry-After: each pause is twice the one before, and the last attempt's error is raised."""
    graph.tell("/x", status=429)
    with pytest.raises(Throttled) as caught:
        await client.get("/x")
    assert pauses.taken == [0.375, 0.75, 1.5]
    assert caught.value.retry_after is None
    assert len(graph.calls) == http.ATTEMPTS


async def test_a_long_wait_is_the_callers_own(graph: ScriptedGraph, client: GraphClient, pauses: Pauses) -> None:
    """Nobody waits minutes inside a call: the caller hears at once how long it would take."""
    graph.tell("/x", status=429, headers={"Retry-After": "300"})
    with pytest.raises(Throttled) as caught:
        await client.get("/x")
    assert (caught.value.retry_after, pauses.taken, len(graph.calls)) == (300.0, [], 1)


async def test_a_lost_answer_to_a_read_is_asked_for_again(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses
) -> None:
    """A connection that breaks is one more reason to try again."""
    graph.tell("/x", lost=True)
    graph.tell("/x", {"id": "1"})
    assert await client.get("/x") == {"id": "1"}


async def test_nobody_there_is_unavailable(session: aiohttp.ClientSession, pauses: Pauses, tokens: Tokens) -> None:
    """A port where nobody listens gives `Unavailable`, after all attempts."""
    client = GraphClient(session, "https://localhost:1", tokens, sleep=pauses)
    with pytest.raises(Unavailable):
        await client.get("/x")
    assert len(pauses.taken) == http.ATTEMPTS - 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, PortError),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, NotFound),
        (412, Conflict),
        (423, Conflict),
        (302, PortError),
    ],
)
async def test_a_refusal_is_told_by_its_status(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses, status: int, error: type[PortError]
) -> None:
    """Asked once, mapped by status, with Graph's request id and its code for the log."""
    body = {"error": {"code": "SomeCode", "message": "Some sentence.", "innerError": {"request-id": "in-body"}}}
    graph.tell("/x", body, status, headers={"request-id": "graph-7", "Location": "/elsewhere"})
    with pytest.raises(PortError) as caught:
        await client.get("/x")
    assert type(caught.value) is error
    assert caught.value.request_id == "graph-7"
    assert "SomeCode" in str(caught.value)
    assert (len(graph.calls), pauses.taken) == (1, [])


async def test_the_request_id_is_found_in_the_body_too(graph: ScriptedGraph, client: GraphClient) -> None:
    """In either spelling, where there is no header."""
    for spelling in ("innerError", "innererror"):
        graph.tell(f"/{spelling}", {"error": {"code": "X", spelling: {"request-id": "in-body"}}}, 404)
        with pytest.raises(NotFound) as caught:
            await client.get(f"/{spelling}")
        assert caught.value.request_id == "in-body"


async def test_a_nested_error_is_unwrapped_and_cleaned(graph: ScriptedGraph, client: GraphClient) -> None:
    """Intune's JSON inside the message becomes its sentence; internal addresses and ids are gone."""
    sentence = "Valid user identity required while Multi Admin Approval is enabled"
    tail = " - Operation ID (for customer support): 0 - Activity ID: 1 - Url: https://proxy.manage.microsoft.com/x"
    nested = json.dumps({"_version": 3, "Message": sentence + tail, "HttpHeaders": "{}"}, indent=2)
    graph.tell("/x", {"error": {"code": "Forbidden", "message": nested}}, 403)
    with pytest.raises(Forbidden) as caught:
        await client.get("/x")
    assert str(caught.value) == f"Graph said 403 Forbidden {sentence}"


@pytest.mark.timeout(60)
def test_a_hostile_error_costs_no_more_than_its_length() -> None:
    """It may repeat what somebody has typed."""
    text = json.dumps({"error": {"message": " " * 300_000 + "x"}})
    assert GraphReply(400, text=text).message == "x"


@pytest.mark.parametrize("body", ["", "<html>", "[]", '"text"', "null", "[" * 100_000])
async def test_what_is_no_object_is_no_answer(graph: ScriptedGraph, client: GraphClient, body: str) -> None:
    """A 200 with something else in it must not pass for an empty answer."""
    graph.tell("/x", body)
    with pytest.raises(Unavailable):
        await client.get("/x")


async def test_a_claims_challenge_is_answered_once(graph: ScriptedGraph, client: GraphClient, tokens: Tokens) -> None:
    """Graph revokes a token: a new one that answers the claims is fetched, and the call repeated with it."""
    graph.tell("/x", status=401, headers=challenge())
    graph.tell("/x", {"id": "1"})
    assert await client.get("/x") == {"id": "1"}
    assert tokens.asked == [None, CLAIMS]
    assert graph.calls[1].headers["Authorization"] == "Bearer app-token-with-claims"


async def test_a_challenge_that_comes_again_ends(graph: ScriptedGraph, client: GraphClient) -> None:
    """No loop: the second challenge is a refusal."""
    graph.tell("/x", status=401, headers=challenge())
    with pytest.raises(Forbidden):
        await client.get("/x")
    assert len(graph.calls) == 2


@pytest.mark.parametrize("claims", ["", "not json", "[]", "\xff"])
async def test_an_unreadable_challenge_is_a_plain_refusal(
    graph: ScriptedGraph, client: GraphClient, tokens: Tokens, claims: str
) -> None:
    """What cannot be understood is not sent to Entra: it is asked for another token, and once."""
    graph.tell("/x", status=401, headers=challenge(claims) if claims else {"WWW-Authenticate": "Bearer"})
    with pytest.raises(TokenRefused):
        await client.get("/x")
    assert len(graph.calls) == 2
    assert set(tokens.asked) == {None, NEW}


async def test_a_passing_401_takes_one_new_token(graph: ScriptedGraph, client: GraphClient, tokens: Tokens) -> None:
    """Graph refuses good tokens now and then; the call is repeated once, with a token past every cache."""
    graph.tell("/x", status=401)
    graph.tell("/x", {"id": "1"})
    assert await client.get("/x") == {"id": "1"}
    assert tokens.asked.count(NEW) == 1
    assert graph.calls[1].headers["Authorization"] == "Bearer app-token-with-claims"


async def test_a_write_that_was_refused_for_its_token_is_sent_once_more(
    graph: ScriptedGraph, client: GraphClient
) -> None:
    """It has done nothing. Whatever is answered then is the answer."""
    graph.tell("/x", status=401)
    graph.tell("/x", status=401)
    assert (await client.act(Call("POST", "/x", b"{}"), {})).status == 401
    assert len(graph.calls) == 2


async def test_a_401_that_stays_is_told_as_one(graph: ScriptedGraph, client: GraphClient, pauses: Pauses) -> None:
    """Ours is the token that is refused; it says nothing about what was asked for, and nobody loops."""
    graph.tell("/x", {"error": {"code": "InvalidAuthenticationToken"}}, 401)
    with pytest.raises(TokenRefused, match="401 InvalidAuthenticationToken"):
        await client.get("/x")
    assert (len(graph.calls), pauses.taken) == (2, [])


async def test_those_who_were_refused_together_take_one_new_token(
    session: aiohttp.ClientSession, graph: ScriptedGraph, pauses: Pauses
) -> None:
    """Whoever comes later finds it."""
    given = ["old"]

    async def token(claims: str | None) -> str:
        if claims is not None:
            given.append("new")
        return given[-1]

    client = GraphClient(session, graph.origin, token, sleep=pauses)
    late = asyncio.Event()
    graph.tell("/x", status=401)
    graph.tell("/x", {"id": "1"})
    graph.tell("/late", status=401, hold=late)
    graph.tell("/late", {"id": "2"})
    second = asyncio.create_task(client.get("/late"))
    await asyncio.sleep(0)  # it has taken the old token
    assert await client.get("/x") == {"id": "1"}
    late.set()
    assert await second == {"id": "2"}
    assert given == ["old", "new"]


async def test_every_page_is_read(graph: ScriptedGraph, client: GraphClient) -> None:
    """A collection ends where Graph names no further page; the link is followed as it is written."""
    graph.tell("/x", {"value": [{"id": "1"}], "@odata.nextLink": f"{graph.origin}/x2?$skiptoken=a%2Bb"})
    graph.tell("/x2", {"value": [], "@odata.nextLink": f"{graph.origin}/x3"})
    graph.tell("/x3", {"value": [{"id": "2"}]})
    assert [item["id"] async for item in client.items("/x")] == ["1", "2"]
    assert graph.calls[1].query == {"$skiptoken": "a+b"}


@pytest.mark.parametrize("link", ["https://elsewhere.example/x", "http://localhost/x", "/relative"])
async def test_pages_elsewhere_are_not_read(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses, link: str
) -> None:
    """Our token goes to no other address, whatever the answer says."""
    graph.tell("/x", {"value": [], "@odata.nextLink": link})
    with pytest.raises(Unavailable):
        [item async for item in client.items("/x")]
    assert (len(graph.calls), pauses.taken) == (1, [])


async def test_pages_in_a_circle_end(graph: ScriptedGraph, client: GraphClient) -> None:
    """A page that leads back to itself is no collection."""
    graph.tell("/x", {"value": [], "@odata.nextLink": f"{graph.origin}/x"})
    with pytest.raises(Unavailable):
        [item async for item in client.items("/x")]


async def test_a_collection_without_items_is_no_empty_one(graph: ScriptedGraph, client: GraphClient) -> None:
    """Missing is not empty: an approver group that cannot be read must not pass for one without members."""
    graph.tell("/x", {"error": "?"})
    with pytest.raises(Unavailable):
        [item async for item in client.items("/x")]


async def test_a_question_that_is_posted_is_repeated(graph: ScriptedGraph, client: GraphClient) -> None:
    """It changes nothing, so it is as patient as any read."""
    graph.tell("/ask", status=503)
    graph.tell("/ask", {"value": ["g"]})
    assert await client.ask("/ask", {"groupIds": ["g"]}) == {"value": ["g"]}
    assert [call.body for call in graph.calls] == [{"groupIds": ["g"]}] * 2


async def test_a_write_is_the_persons_own(graph: ScriptedGraph, client: GraphClient, tokens: Tokens) -> None:
    """The person's token and no other; the answer is Graph's request id, whatever the body says."""
    graph.tell("/x/approve", "not json", headers={"request-id": "graph-9"})
    assert await client.write("/x/approve", {"justification": "ok"}, PERSON) == "graph-9"
    (call,) = graph.calls
    assert call.headers["Authorization"] == "Bearer person-token"
    assert call.body == {"justification": "ok"}
    assert tokens.asked == []


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"status": 429, "headers": {"Retry-After": "1"}}, Throttled),
        ({"status": 500}, Unavailable),
        ({"status": 503, "headers": {"Retry-After": "1"}}, Unavailable),
        ({"status": 504}, Unavailable),
        ({"lost": True}, Unavailable),
        ({"status": 409}, Conflict),
        ({"status": 403}, Forbidden),
        ({"status": 404}, NotFound),
    ],
)
async def test_a_write_happens_once(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses, told: dict[str, Any], error: type[PortError]
) -> None:
    """Whatever is answered, or not: one call, no pause, an error."""
    graph.tell("/x", **told)
    with pytest.raises(error):
        await client.write("/x", {}, PERSON)
    assert (len(graph.calls), pauses.taken) == (1, [])


async def test_a_write_that_takes_too_long_may_have_happened(
    graph: ScriptedGraph, client: GraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We stop waiting, say that we do not know, and do not send it again."""
    monkeypatch.setattr(http, "WRITE_TIMEOUT", 0.05)
    graph.tell("/x", hold=asyncio.Event())
    with pytest.raises(Unavailable):
        await client.write("/x", {}, PERSON)
    assert len(graph.calls) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_person_who_must_prove_more(graph: ScriptedGraph, client: GraphClient, status: int) -> None:
    """The claims come back for the sign-in page; the call is not repeated with anything else."""
    graph.tell("/x", status=status, headers=challenge())
    with pytest.raises(SignInFailed) as caught:
        await client.write("/x", {}, PERSON)
    assert (caught.value.trouble, caught.value.claims) == (SignInTrouble.MORE_PROOF, CLAIMS)
    assert len(graph.calls) == 1


async def test_a_persons_token_that_no_longer_holds(graph: ScriptedGraph, client: GraphClient) -> None:
    """A plain 401 means: sign in again."""
    graph.tell("/x", status=401)
    with pytest.raises(SignInFailed) as caught:
        await client.write("/x", {}, PERSON)
    assert caught.value.trouble is SignInTrouble.EXPIRED


async def test_no_error_repeats_a_token(graph: ScriptedGraph, client: GraphClient) -> None:
    """Neither the sentence nor the representation of an error or of the person's token shows the token's text."""
    graph.tell("/x", {"error": {"code": "X", "message": "no"}}, 403)
    with pytest.raises(Forbidden) as caught:
        await client.write("/x", {}, PERSON)
    assert "person-token" not in repr(caught.value) + str(caught.value) + repr(PERSON)
