"""The Bot Connector client: what it sends, what it sends again, and to which addresses it sends nothing."""

import json
from contextlib import AsyncExitStack

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.teams.outbound.connector import ATTEMPTS, Connector, Member
from bot.teams.outbound.wire import MOST_BYTES, Transient
from handlers.ports.errors import Forbidden, Gone, NotFound, PortError, Throttled, Unavailable, Unreachable
from handlers.ports.teams import Posted
from simulator.certificate import Authority
from simulator.site import serve
from tests.bot.teams.outbound.outbound import (
    APP_ID,
    CHANNEL,
    TENANT,
    TOKEN,
    ScriptedTeams,
    Time,
    connector_for,
    scripted_teams,
)

MESSAGE = {"type": "message", "text": "hello"}


@pytest.fixture
def client(session: aiohttp.ClientSession, teams: ScriptedTeams, time: Time) -> Connector:
    return connector_for(session, teams.origin, time)


@pytest.mark.parametrize("teams_host", ["https://teams.microsoft.com", "https://gov.teams.microsoft.us"])
def test_a_link_leads_to_the_teams_of_the_cloud(
    session: aiohttp.ClientSession, teams: ScriptedTeams, time: Time, teams_host: str
) -> None:
    """A link to a message uses the address of Teams in this cloud, for channels and group chats."""
    client = connector_for(session, teams.origin, time, teams=teams_host)

    assert client.link(CHANNEL, "1700") == (
        f"{teams_host}/l/message/{CHANNEL}/1700?tenantId={TENANT}&parentMessageId=1700"
    )
    assert client.link("19:board@thread.v2", "1700").startswith(f"{teams_host}/l/message/19:board@thread.v2/1700?")


# --- what is sent -------------------------------------------------------------------------------------------------


async def test_thread_in_channel(teams: ScriptedTeams, client: Connector) -> None:
    """A thread is started by one call with its first message, and its address contains that message."""
    posted = await client.start_thread(teams.service_url, CHANNEL, MESSAGE)
    assert posted == Posted(f"{CHANNEL};messageid=1700", "1700")
    [call] = teams.calls
    assert (call.method, call.path, call.token) == ("POST", "/emea/v3/conversations", TOKEN)
    assert call.body == {
        "isGroup": True,
        "channelData": {"channel": {"id": CHANNEL}},
        "tenantId": TENANT,
        "bot": {"id": f"28:{APP_ID}"},
        "activity": MESSAGE,
    }


async def test_personal_conversation(teams: ScriptedTeams, client: Connector) -> None:
    """A 1:1 conversation is opened by object id, within our tenant."""
    teams.tell(201, {"id": "a:1"})
    assert await client.open_personal(teams.service_url, "oid-1") == "a:1"
    body = teams.calls[0].body
    assert body["members"] == [{"id": "oid-1"}]
    assert (body["tenantId"], body["channelData"]) == (TENANT, {"tenant": {"id": TENANT}})


async def test_ids_stay_in_their_place(teams: ScriptedTeams, client: Connector) -> None:
    """Characters in an id from the store cannot change the path of the call."""
    await client.send(teams.service_url, "19:a@thread.tacv2;messageid=1", MESSAGE)
    await client.send(teams.service_url, "../../tokens?x=#y", MESSAGE)
    assert [call.path for call in teams.calls] == [
        "/emea/v3/conversations/19%3Aa%40thread.tacv2%3Bmessageid%3D1/activities",
        "/emea/v3/conversations/..%2F..%2Ftokens%3Fx%3D%23y/activities",
    ]


@pytest.mark.parametrize("nothing", ["", ".", ".."])
async def test_no_id_is_no_message(teams: ScriptedTeams, client: Connector, nothing: str) -> None:
    """An empty id, or one that would change the path, raises `NotFound` without a call."""
    with pytest.raises(NotFound):
        await client.update(teams.service_url, CHANNEL, nothing, lambda: MESSAGE)
    assert not teams.calls


async def test_too_big(teams: ScriptedTeams, client: Connector) -> None:
    """A message that is too large, counted in UTF-16, is not sent."""
    with pytest.raises(PortError, match="UTF-16"):
        await client.send(teams.service_url, CHANNEL, {"text": "x" * (MOST_BYTES // 2)})
    assert not teams.calls


async def test_roster_by_pages(teams: ScriptedTeams, client: Connector) -> None:
    """All pages of a roster are read."""
    teams.tell(body={"members": [{"id": "29:a", "name": "Alex", "aadObjectId": "oid-a"}], "continuationToken": "a b&c"})
    teams.tell(body={"members": [{"id": "29:b", "name": "Bo", "objectId": "oid-b"}, {"id": "29:c"}]})
    people = [member async for member in client.members(teams.service_url, CHANNEL)]
    assert people == [Member("29:a", "Alex", "oid-a"), Member("29:b", "Bo", "oid-b"), Member("29:c", "", "")]
    assert [call.query for call in teams.calls] == [
        {"pageSize": "500"},
        {"pageSize": "500", "continuationToken": "a b&c"},
    ]


async def test_one_member(teams: ScriptedTeams, client: Connector) -> None:
    """One member can be looked up, and an unknown one raises `NotFound`."""
    teams.tell(body={"id": "29:a", "name": "Alex", "aadObjectId": "oid-a"})
    assert await client.member(teams.service_url, CHANNEL, "oid-a") == Member("29:a", "Alex", "oid-a")
    teams.tell(404)
    with pytest.raises(NotFound):
        await client.member(teams.service_url, CHANNEL, "oid-b")
    teams.tell(body={"id": None})
    with pytest.raises(NotFound):
        await client.member(teams.service_url, CHANNEL, "oid-c")


# --- what is sent again -------------------------------------------------------------------------------------------


async def test_lost_answer_is_not_sent_again(teams: ScriptedTeams, client: Connector) -> None:
    """A message whose answer was lost is not sent again, because it may have arrived."""
    teams.tell(lost=True)
    with pytest.raises(Unavailable, match="may have acted"):
        await client.start_thread(teams.service_url, CHANNEL, MESSAGE)
    assert teams.methods() == ["POST"]


@pytest.mark.parametrize("status", [408, 412, 500, 502, 503, 504])
async def test_doubtful_post_is_not_sent_again(teams: ScriptedTeams, client: Connector, status: int) -> None:
    """A message is not sent again after an answer that leaves open whether it arrived."""
    teams.tell(status)
    with pytest.raises(Unavailable, match="may have acted"):
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert teams.methods() == ["POST"]


async def test_success_without_an_id(teams: ScriptedTeams, client: Connector) -> None:
    """A message that is accepted without an id counts as sent; a conversation that is opened without an id is opened
    again, because that opens the same one, and in the end raises `Unavailable`."""
    teams.tell(202, {})
    assert await client.start_thread(teams.service_url, CHANNEL, MESSAGE) == Posted(CHANNEL, "")
    teams.tell(202, {})
    assert await client.send(teams.service_url, CHANNEL, MESSAGE) == ""
    for _ in range(ATTEMPTS):
        teams.tell(202, {})
    with pytest.raises(Unavailable):
        await client.open_personal(teams.service_url, "oid")
    for trouble in (202, 503):
        teams.tell(trouble, {})
        teams.tell(201, {"id": "a:1"})
        assert await client.open_personal(teams.service_url, "oid") == "a:1"


async def test_throttled_post_is_sent_again(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """A throttled message was not accepted, so it is sent again after the time that Teams names."""
    teams.tell(429, headers={"Retry-After": "3"})
    await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert teams.methods() == ["POST", "POST"]
    assert sum(time.slept) >= 3


async def test_throttled_without_a_time(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """Without Retry-After the pauses grow."""
    for _ in range(2):
        teams.tell(429)
    await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert time.slept == [0.5, 1.0]


async def test_throttled_for_long(teams: ScriptedTeams, client: Connector) -> None:
    """A long Retry-After is passed to the caller, and meanwhile nothing is sent to that conversation."""
    teams.tell(429, headers={"Retry-After": "60"})
    with pytest.raises(Throttled) as first:
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    with pytest.raises(Throttled) as second:
        await client.send(teams.service_url, f"{CHANNEL};messageid=5", MESSAGE)
    assert (first.value.retry_after, second.value.retry_after) == (60, 60)
    await client.send(teams.service_url, "19:another@thread.tacv2", MESSAGE)
    assert len(teams.calls) == 2


async def test_throttled_for_ever(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """After some attempts the throttling is passed to the caller."""
    for _ in range(ATTEMPTS):
        teams.tell(429, headers={"Retry-After": "0"})
    with pytest.raises(Throttled):
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert len(teams.calls) == ATTEMPTS
    assert sum(time.slept) >= ATTEMPTS - 1  # each pause lasts at least a second


async def test_throttled_until_a_date(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """A Retry-After with a date is measured by the clock of Teams."""
    dates = {"Retry-After": "Mon, 23 Nov 2026 10:00:04 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    teams.tell(429, headers=dates)
    await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert 4 <= sum(time.slept) < 5


async def test_refused_connection_is_tried_again(
    authority: Authority, session: aiohttp.ClientSession, time: Time
) -> None:
    """If no connection could be made, nothing was sent, so the message is tried again."""
    teams = ScriptedTeams()
    async with AsyncExitStack() as stack:
        async with serve(teams.app(), authority.server_context()) as origin:
            port = int(origin.rpartition(":")[2])

        async def open_again() -> None:
            await stack.enter_async_context(serve(teams.app(), authority.server_context(), port))

        time.on_sleep = open_again
        await connector_for(session, origin, time).send(f"{origin}/", CHANNEL, MESSAGE)
    assert teams.methods() == ["POST"]
    assert time.slept == [0.5]


async def test_never_connected(teams: ScriptedTeams, time: Time) -> None:
    """A service with an untrusted certificate gets nothing, and the error means that nothing can have arrived."""
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(PortError) as failed:
            await connector_for(stranger, teams.origin, time).send(teams.service_url, CHANNEL, MESSAGE)
    assert not isinstance(failed.value, Unavailable)
    assert not teams.calls


@pytest.mark.parametrize("status", [408, 412, 429, 500, 502, 503, 504])
async def test_edit_is_made_again(teams: ScriptedTeams, client: Connector, time: Time, status: int) -> None:
    """An edit can be repeated safely, so it is tried again after growing pauses."""
    teams.tell(status)
    teams.tell(status)
    await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert teams.methods() == ["PUT", "PUT", "PUT"]
    assert time.slept == [0.5, 1.0]


async def test_edit_with_a_lost_answer(teams: ScriptedTeams, client: Connector) -> None:
    """An edit whose answer was lost is sent again."""
    for _ in range(2):
        teams.tell(lost=True)
    await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert len(teams.calls) > 2


async def test_edit_is_not_made_for_ever(teams: ScriptedTeams, client: Connector) -> None:
    """After some attempts an edit fails, and the outbox tries it later."""
    for _ in range(ATTEMPTS + 1):
        teams.tell(502)
    with pytest.raises(Unavailable):
        await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert len(teams.calls) == ATTEMPTS


@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (404, NotFound), (410, Gone)])
async def test_plain_refusal(teams: ScriptedTeams, client: Connector, status: int, error: type[PortError]) -> None:
    """A clear refusal is not repeated, and the error has Teams' code and correlation id."""
    teams.tell(status, {"error": {"code": "BotNotInConversationRoster", "message": "?"}}, headers={"MS-CV": "cv-1"})
    with pytest.raises(error, match=f"{status} BotNotInConversationRoster") as refused:
        await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert refused.value.request_id == "cv-1"
    assert len(teams.calls) == 1


IN_THE_ROSTER = "BotNotInConversationRoster"


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": IN_THE_ROSTER.lower()}},
        {"error": {"code": IN_THE_ROSTER.upper()}},
        {"code": IN_THE_ROSTER, "message": "?"},
        {"Error": {"Code": IN_THE_ROSTER}},
        {"error": {"code": "Forbidden", "subCode": IN_THE_ROSTER}},
        {"subCode": IN_THE_ROSTER},
        {"error": {"code": "Forbidden", "innerHttpError": {"statusCode": 403, "body": {"code": IN_THE_ROSTER}}}},
        {"error": {"innerHttpError": {"body": json.dumps({"error": {"code": IN_THE_ROSTER}})}}},
        {"errorCode": 209, "message": json.dumps({"subCode": IN_THE_ROSTER})},
    ],
)
async def test_a_known_code_in_every_form(teams: ScriptedTeams, client: Connector, body: object) -> None:
    """A refusal of the place is recognised in every form in which Teams writes its code."""
    teams.tell(403, body)
    with pytest.raises(Forbidden, match=f"(?i)403 {IN_THE_ROSTER}"):
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert len(teams.calls) == 1


@pytest.mark.parametrize(
    "body",
    [[], "x", {"code": None}, {"error": "x"}, {"message": IN_THE_ROSTER}, {"message": '{"code'}, {"code": "a b"}],
)
async def test_no_code(teams: ScriptedTeams, client: Connector, body: object) -> None:
    """A refusal without a code is not about the place, and the text of a message is no code."""
    for _ in range(ATTEMPTS):
        teams.tell(403, body)
    with pytest.raises(Transient, match="403, which"):
        await client.send(teams.service_url, CHANNEL, MESSAGE)


# --- addresses to which nothing is sent ---------------------------------------------------------------------------


async def test_no_redirect(authority: Authority, teams: ScriptedTeams, client: Connector) -> None:
    """A redirect is not followed, so the token goes to no other address."""
    async with scripted_teams(authority) as elsewhere:
        teams.tell(307, headers={"Location": f"{elsewhere.origin}/v3/conversations"})
        with pytest.raises(Unavailable):
            await client.send(teams.service_url, CHANNEL, MESSAGE)
        assert not elsewhere.calls


async def test_unlisted_reference_never_gets_the_token(
    authority: Authority, teams: ScriptedTeams, client: Connector
) -> None:
    """Every kind of call checks the address first, and asks for no token for an address that is not allowed."""
    async with scripted_teams(authority) as elsewhere:
        for call in (
            client.start_thread(elsewhere.service_url, CHANNEL, MESSAGE),
            client.open_personal(elsewhere.service_url, "oid"),
            client.send(elsewhere.service_url, CHANNEL, MESSAGE),
            client.update(elsewhere.service_url, CHANNEL, "1", lambda: MESSAGE),
            client.member(elsewhere.service_url, CHANNEL, "oid"),
            anext(client.members(elsewhere.service_url, CHANNEL)),
        ):
            with pytest.raises(Unreachable):
                await call
        assert not elsewhere.calls
    assert not teams.calls


async def test_no_token_no_message(session: aiohttp.ClientSession, teams: ScriptedTeams, time: Time) -> None:
    """If Entra refuses the token, nothing is sent, and the error does not count as a refusal by the conversation."""

    async def refused(_claims: str | None = None) -> str:
        raise Forbidden("Entra gives no token")

    client = connector_for(session, teams.origin, time, refused)
    with pytest.raises(PortError) as failed:
        await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert not isinstance(failed.value, Forbidden | Unavailable)
    assert not teams.calls


async def test_a_passing_401_takes_one_new_token(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """After a 401 every kind of call is repeated once with a new token."""
    for call in (
        lambda: client.send(teams.service_url, CHANNEL, MESSAGE),
        lambda: client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE),
        lambda: client.member(teams.service_url, CHANNEL, "29:dana"),
    ):
        teams.calls.clear()
        teams.tell(401)
        await call()
        assert [one.token for one in teams.calls] == [TOKEN, f"new-{TOKEN}"]
    assert time.slept == []


async def test_a_401_that_stays_is_told_as_one(teams: ScriptedTeams, client: Connector) -> None:
    """A 401 that comes again is an error about the token, not about the conversation, and is not repeated."""
    for _ in range(2):
        teams.tell(401)
    with pytest.raises(PortError, match="401") as failed:
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert not isinstance(failed.value, Forbidden | Unavailable)
    assert len(teams.calls) == 2


async def test_token_shows_nowhere(teams: ScriptedTeams, client: Connector) -> None:
    """No error and no log line holds the token."""
    with capture_logs() as lines:
        teams.tell(401)
        for told in ({"status": 401}, {"status": 500}, {"lost": True}, {"status": 404, "body": {"error": TOKEN}}):
            teams.tell(**told)
            with pytest.raises(PortError) as failed:
                await client.send(teams.service_url, CHANNEL, MESSAGE)
            assert TOKEN not in repr(failed.value) + repr(failed.value.__cause__)
    assert TOKEN not in json.dumps(lines, default=repr)
