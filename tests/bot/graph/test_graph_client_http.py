"""The Graph client: reads are repeated, writes are sent once, and every failure becomes an error of the ports."""

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
    """Each call carries the token, an id of its own, and the header that asks for new enum members."""
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
    """A read waits exactly as long as the Retry-After header says."""
    graph.tell("/x", status=status, headers={"Retry-After": "7"})
    graph.tell("/x", {"id": "1"})
    assert await client.get("/x") == {"id": "1"}
    assert pauses.taken == [7.0]


async def test_a_retry_after_may_be_a_date(graph: ScriptedGraph, client: GraphClient, pauses: Pauses) -> None:
    """A Retry-After with a date is measured by the Date header of the same answer, and not by our clock."""
    headers = {"Retry-After": "Mon, 23 Nov 2026 10:00:04 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    graph.tell("/x", status=429, headers=headers)
    graph.tell("/x", {})
    await client.get("/x")
    assert pauses.taken == [4.0]


@pytest.mark.parametrize("value", ["0", "-30", "0.2", "Mon, 23 Nov 2026 09:59:00 GMT"])
async def test_a_retry_after_that_is_no_wait(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses, value: str
) -> None:
    """If Retry-After says no time or a past time, the client still waits at least a second."""
    graph.tell("/x", status=429, headers={"Retry-After": value, "Date": "Mon, 23 Nov 2026 10:00:00 GMT"})
    with pytest.raises(Throttled) as caught:
        await client.get("/x")
    assert (len(graph.calls), len(pauses.taken)) == (http.ATTEMPTS, http.ATTEMPTS - 1)
    assert all(1 <= pause <= 2 for pause in pauses.taken)
    assert caught.value.retry_after is not None
    assert 1 <= caught.value.retry_after <= 2


async def test_a_retry_after_of_a_day(graph: ScriptedGraph, client: GraphClient) -> None:
    """A Retry-After of a day is shortened to the longest allowed pause."""
    graph.tell("/x", status=429, headers={"Retry-After": "86400"})
    with pytest.raises(Throttled) as caught:
        await client.get("/x")
    assert caught.value.retry_after == LONGEST_PAUSE


async def test_without_a_word_from_graph_pauses_grow(graph: ScriptedGraph, client: GraphClient, pauses: Pauses) -> None:
    """Without Retry-After each pause is twice the one before, and the error of the last attempt is raised."""
    graph.tell("/x", status=429)
    with pytest.raises(Throttled) as caught:
        await client.get("/x")
    assert pauses.taken == [0.375, 0.75, 1.5]
    assert caught.value.retry_after is None
    assert len(graph.calls) == http.ATTEMPTS


async def test_a_long_wait_is_the_callers_own(graph: ScriptedGraph, client: GraphClient, pauses: Pauses) -> None:
    """A wait of minutes is not made inside the call: the caller gets an error with its length at once."""
    graph.tell("/x", status=429, headers={"Retry-After": "300"})
    with pytest.raises(Throttled) as caught:
        await client.get("/x")
    assert (caught.value.retry_after, pauses.taken, len(graph.calls)) == (300.0, [], 1)


async def test_a_lost_answer_to_a_read_is_asked_for_again(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses
) -> None:
    """A read whose connection breaks is tried again."""
    graph.tell("/x", lost=True)
    graph.tell("/x", {"id": "1"})
    assert await client.get("/x") == {"id": "1"}


async def test_nobody_there_is_unavailable(session: aiohttp.ClientSession, pauses: Pauses, tokens: Tokens) -> None:
    """If nobody listens at the address, the read raises `Unavailable` after all attempts."""
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
    """A refusal is not repeated; its status decides the error, which carries Graph's request id and code."""
    body = {"error": {"code": "SomeCode", "message": "Some sentence.", "innerError": {"request-id": "in-body"}}}
    graph.tell("/x", body, status, headers={"request-id": "graph-7", "Location": "/elsewhere"})
    with pytest.raises(PortError) as caught:
        await client.get("/x")
    assert type(caught.value) is error
    assert caught.value.request_id == "graph-7"
    assert "SomeCode" in str(caught.value)
    assert (len(graph.calls), pauses.taken) == (1, [])


async def test_the_request_id_is_found_in_the_body_too(graph: ScriptedGraph, client: GraphClient) -> None:
    """Without a header, the request id is taken from the body, in either spelling."""
    for spelling in ("innerError", "innererror"):
        graph.tell(f"/{spelling}", {"error": {"code": "X", spelling: {"request-id": "in-body"}}}, 404)
        with pytest.raises(NotFound) as caught:
            await client.get(f"/{spelling}")
        assert caught.value.request_id == "in-body"


async def test_a_nested_error_is_unwrapped_and_cleaned(graph: ScriptedGraph, client: GraphClient) -> None:
    """JSON that Intune nests in the message is reduced to its sentence, without internal addresses and ids."""
    sentence = "Valid user identity required while Multi Admin Approval is enabled"
    tail = " - Operation ID (for customer support): 0 - Activity ID: 1 - Url: https://proxy.manage.microsoft.com/x"
    nested = json.dumps({"_version": 3, "Message": sentence + tail, "HttpHeaders": "{}"}, indent=2)
    graph.tell("/x", {"error": {"code": "Forbidden", "message": nested}}, 403)
    with pytest.raises(Forbidden) as caught:
        await client.get("/x")
    assert str(caught.value) == f"Graph said 403 Forbidden {sentence}"


@pytest.mark.timeout(60)
def test_a_hostile_error_costs_no_more_than_its_length() -> None:
    """Cleaning an error message takes no more than linear time, because it may repeat what somebody typed."""
    text = json.dumps({"error": {"message": " " * 300_000 + "x"}})
    assert GraphReply(400, text=text).message == "x"


@pytest.mark.parametrize("body", ["", "<html>", "[]", '"text"', "null", "[" * 100_000])
async def test_what_is_no_object_is_no_answer(graph: ScriptedGraph, client: GraphClient, body: str) -> None:
    """An answer with status 200 that is no JSON object raises `Unavailable`."""
    graph.tell("/x", body)
    with pytest.raises(Unavailable):
        await client.get("/x")


async def test_a_claims_challenge_is_answered_once(graph: ScriptedGraph, client: GraphClient, tokens: Tokens) -> None:
    """After a claims challenge a new token is fetched for the claims, and the call is repeated once."""
    graph.tell("/x", status=401, headers=challenge())
    graph.tell("/x", {"id": "1"})
    assert await client.get("/x") == {"id": "1"}
    assert tokens.asked == [None, CLAIMS]
    assert graph.calls[1].headers["Authorization"] == "Bearer app-token-with-claims"


async def test_a_challenge_that_comes_again_ends(graph: ScriptedGraph, client: GraphClient) -> None:
    """A second challenge for the same call is a refusal."""
    graph.tell("/x", status=401, headers=challenge())
    with pytest.raises(Forbidden):
        await client.get("/x")
    assert len(graph.calls) == 2


@pytest.mark.parametrize("claims", ["", "not json", "[]", "\xff"])
async def test_an_unreadable_challenge_is_a_plain_refusal(
    graph: ScriptedGraph, client: GraphClient, tokens: Tokens, claims: str
) -> None:
    """A challenge that cannot be read is not sent to Entra: another token is fetched, once."""
    graph.tell("/x", status=401, headers=challenge(claims) if claims else {"WWW-Authenticate": "Bearer"})
    with pytest.raises(TokenRefused):
        await client.get("/x")
    assert len(graph.calls) == 2
    assert set(tokens.asked) == {None, NEW}


async def test_a_passing_401_takes_one_new_token(graph: ScriptedGraph, client: GraphClient, tokens: Tokens) -> None:
    """After a 401 the call is repeated once with a token that does not come from a cache."""
    graph.tell("/x", status=401)
    graph.tell("/x", {"id": "1"})
    assert await client.get("/x") == {"id": "1"}
    assert tokens.asked.count(NEW) == 1
    assert graph.calls[1].headers["Authorization"] == "Bearer app-token-with-claims"


async def test_a_write_that_was_refused_for_its_token_is_sent_once_more(
    graph: ScriptedGraph, client: GraphClient
) -> None:
    """A write with the application's token that got a 401 has done nothing, so it is sent once more; the second answer
    is final."""
    graph.tell("/x", status=401)
    graph.tell("/x", status=401)
    assert (await client.act(Call("POST", "/x", b"{}"), {})).status == 401
    assert len(graph.calls) == 2


async def test_a_401_that_stays_is_told_as_one(graph: ScriptedGraph, client: GraphClient, pauses: Pauses) -> None:
    """A 401 that comes again raises `TokenRefused` and is not repeated."""
    graph.tell("/x", {"error": {"code": "InvalidAuthenticationToken"}}, 401)
    with pytest.raises(TokenRefused, match="401 InvalidAuthenticationToken"):
        await client.get("/x")
    assert (len(graph.calls), pauses.taken) == (2, [])


async def test_those_who_were_refused_together_take_one_new_token(
    session: aiohttp.ClientSession, graph: ScriptedGraph, pauses: Pauses
) -> None:
    """Calls that were refused with the same old token share one new token."""
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
    await asyncio.sleep(0)  # this call has taken the old token
    assert await client.get("/x") == {"id": "1"}
    late.set()
    assert await second == {"id": "2"}
    assert given == ["old", "new"]


async def test_every_page_is_read(graph: ScriptedGraph, client: GraphClient) -> None:
    """All pages of a collection are read, with each link exactly as Graph wrote it."""
    graph.tell("/x", {"value": [{"id": "1"}], "@odata.nextLink": f"{graph.origin}/x2?$skiptoken=a%2Bb"})
    graph.tell("/x2", {"value": [], "@odata.nextLink": f"{graph.origin}/x3"})
    graph.tell("/x3", {"value": [{"id": "2"}]})
    assert [item["id"] async for item in client.items("/x")] == ["1", "2"]
    assert graph.calls[1].query == {"$skiptoken": "a+b"}


@pytest.mark.parametrize("link", ["https://elsewhere.example/x", "http://localhost/x", "/relative"])
async def test_pages_elsewhere_are_not_read(
    graph: ScriptedGraph, client: GraphClient, pauses: Pauses, link: str
) -> None:
    """A link to another address is not followed, so the token stays with Graph."""
    graph.tell("/x", {"value": [], "@odata.nextLink": link})
    with pytest.raises(Unavailable):
        [item async for item in client.items("/x")]
    assert (len(graph.calls), pauses.taken) == (1, [])


async def test_pages_in_a_circle_end(graph: ScriptedGraph, client: GraphClient) -> None:
    """A page that links to itself raises `Unavailable`."""
    graph.tell("/x", {"value": [], "@odata.nextLink": f"{graph.origin}/x"})
    with pytest.raises(Unavailable):
        [item async for item in client.items("/x")]


async def test_a_collection_without_items_is_no_empty_one(graph: ScriptedGraph, client: GraphClient) -> None:
    """An answer without a list of items raises `Unavailable`, so that a group that cannot be read does not look
    empty."""
    graph.tell("/x", {"error": "?"})
    with pytest.raises(Unavailable):
        [item async for item in client.items("/x")]


async def test_a_question_that_is_posted_is_repeated(graph: ScriptedGraph, client: GraphClient) -> None:
    """A question that is sent with POST changes nothing, so it is repeated like a read."""
    graph.tell("/ask", status=503)
    graph.tell("/ask", {"value": ["g"]})
    assert await client.ask("/ask", {"groupIds": ["g"]}) == {"value": ["g"]}
    assert [call.body for call in graph.calls] == [{"groupIds": ["g"]}] * 2


async def test_a_write_is_the_persons_own(graph: ScriptedGraph, client: GraphClient, tokens: Tokens) -> None:
    """A write uses the person's token only, and returns Graph's request id, whatever the body of the answer is."""
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
    """A person's write is sent once, whatever the answer is."""
    graph.tell("/x", **told)
    with pytest.raises(error):
        await client.write("/x", {}, PERSON)
    assert (len(graph.calls), pauses.taken) == (1, [])


async def test_a_write_that_takes_too_long_may_have_happened(
    graph: ScriptedGraph, client: GraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that takes too long raises `Unavailable` and is not sent again, because it may have been carried out."""
    monkeypatch.setattr(http, "WRITE_TIMEOUT", 0.05)
    graph.tell("/x", hold=asyncio.Event())
    with pytest.raises(Unavailable):
        await client.write("/x", {}, PERSON)
    assert len(graph.calls) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_person_who_must_prove_more(graph: ScriptedGraph, client: GraphClient, status: int) -> None:
    """If Graph challenges a person's token, its claims are raised for the sign-in page, and the call is not
    repeated."""
    graph.tell("/x", status=status, headers=challenge())
    with pytest.raises(SignInFailed) as caught:
        await client.write("/x", {}, PERSON)
    assert (caught.value.trouble, caught.value.claims) == (SignInTrouble.MORE_PROOF, CLAIMS)
    assert len(graph.calls) == 1


async def test_a_persons_token_that_no_longer_holds(graph: ScriptedGraph, client: GraphClient) -> None:
    """A 401 without a challenge for a person's write means that the person has to sign in again."""
    graph.tell("/x", status=401)
    with pytest.raises(SignInFailed) as caught:
        await client.write("/x", {}, PERSON)
    assert caught.value.trouble is SignInTrouble.EXPIRED


async def test_no_error_repeats_a_token(graph: ScriptedGraph, client: GraphClient) -> None:
    """No error and no printed form of a person's token shows the token."""
    graph.tell("/x", {"error": {"code": "X", "message": "no"}}, 403)
    with pytest.raises(Forbidden) as caught:
        await client.write("/x", {}, PERSON)
    assert "person-token" not in repr(caught.value) + str(caught.value) + repr(PERSON)
