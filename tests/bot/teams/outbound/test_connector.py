"""The Bot Connector client: what it sends, what it sends again, and to whom it never sends anything."""

import json
from contextlib import AsyncExitStack

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.teams.outbound.connector import ATTEMPTS, Connector, Member
from bot.teams.outbound.wire import MOST_BYTES
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
    """To a message in a channel, and in a group chat."""
    client = connector_for(session, teams.origin, time, teams=teams_host)

    assert client.link(CHANNEL, "1700") == (
        f"{teams_host}/l/message/{CHANNEL}/1700?tenantId={TENANT}&parentMessageId=1700"
    )
    assert client.link("19:board@thread.v2", "1700").startswith(f"{teams_host}/l/message/19:board@thread.v2/1700?")


# --- what is sent -------------------------------------------------------------------------------------------------


async def test_thread_in_channel(teams: ScriptedTeams, client: Connector) -> None:
    """A thread is started with its first message in one call, and its address names that message."""
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
    """An id from the store cannot reach another address of the service, whatever it contains."""
    await client.send(teams.service_url, "19:a@thread.tacv2;messageid=1", MESSAGE)
    await client.send(teams.service_url, "../../tokens?x=#y", MESSAGE)
    assert [call.path for call in teams.calls] == [
        "/emea/v3/conversations/19%3Aa%40thread.tacv2%3Bmessageid%3D1/activities",
        "/emea/v3/conversations/..%2F..%2Ftokens%3Fx%3D%23y/activities",
    ]


@pytest.mark.parametrize("nothing", ["", ".", ".."])
async def test_no_id_is_no_message(teams: ScriptedTeams, client: Connector, nothing: str) -> None:
    """An id that would fall out of the address is no id."""
    with pytest.raises(NotFound):
        await client.update(teams.service_url, CHANNEL, nothing, lambda: MESSAGE)
    assert not teams.calls


async def test_too_big(teams: ScriptedTeams, client: Connector) -> None:
    """What Teams would refuse for its size, counted in UTF-16, is not sent at all."""
    with pytest.raises(PortError, match="UTF-16"):
        await client.send(teams.service_url, CHANNEL, {"text": "x" * (MOST_BYTES // 2)})
    assert not teams.calls


async def test_roster_by_pages(teams: ScriptedTeams, client: Connector) -> None:
    """A roster is read to its last page."""
    teams.tell(body={"members": [{"id": "29:a", "name": "Alex", "aadObjectId": "oid-a"}], "continuationToken": "a b&c"})
    teams.tell(body={"members": [{"id": "29:b", "name": "Bo", "objectId": "oid-b"}, {"id": "29:c"}]})
    people = [member async for member in client.members(teams.service_url, CHANNEL)]
    assert people == [Member("29:a", "Alex", "oid-a"), Member("29:b", "Bo", "oid-b"), Member("29:c", "", "")]
    assert [call.query for call in teams.calls] == [
        {"pageSize": "500"},
        {"pageSize": "500", "continuationToken": "a b&c"},
    ]


async def test_one_member(teams: ScriptedTeams, client: Connector) -> None:
    """One person can be looked up, and is not there if Teams says so."""
    teams.tell(body={"id": "29:a", "name": "Alex", "aadObjectId": "oid-a"})
    assert await client.member(teams.service_url, CHANNEL, "oid-a") == Member("29:a", "Alex", "oid-a")
    teams.tell(404)
    with pytest.raises(NotFound):
        await client.member(teams.service_url, CHANNEL, "oid-b")


# --- what is sent again -------------------------------------------------------------------------------------------


async def test_lost_answer_is_not_sent_again(teams: ScriptedTeams, client: Connector) -> None:
    """A message whose answer was lost may stand there, so it is sent once."""
    teams.tell(lost=True)
    with pytest.raises(Unavailable, match="may have acted"):
        await client.start_thread(teams.service_url, CHANNEL, MESSAGE)
    assert teams.methods() == ["POST"]


@pytest.mark.parametrize("status", [408, 412, 500, 502, 503, 504])
async def test_doubtful_post_is_not_sent_again(teams: ScriptedTeams, client: Connector, status: int) -> None:
    """The same holds for every answer that leaves it open."""
    teams.tell(status)
    with pytest.raises(Unavailable, match="may have acted"):
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert teams.methods() == ["POST"]


async def test_success_without_an_id(teams: ScriptedTeams, client: Connector) -> None:
    """A message that was taken was said; a conversation that was opened without a name cannot be written to."""
    teams.tell(202, {})
    assert await client.start_thread(teams.service_url, CHANNEL, MESSAGE) == Posted(CHANNEL, "")
    teams.tell(202, {})
    assert await client.send(teams.service_url, CHANNEL, MESSAGE) == ""
    teams.tell(202, {})
    with pytest.raises(Unavailable):
        await client.open_personal(teams.service_url, "oid")


async def test_throttled_post_is_sent_again(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """Too much at once means that nothing was done: it is sent again, not before Teams wants it."""
    teams.tell(429, headers={"Retry-After": "3"})
    await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert teams.methods() == ["POST", "POST"]
    assert sum(time.slept) >= 3


async def test_throttled_without_a_time(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """Without a Retry-After the pauses grow."""
    for _ in range(2):
        teams.tell(429)
    await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert time.slept == [0.5, 1.0]


async def test_throttled_for_long(teams: ScriptedTeams, client: Connector) -> None:
    """A long Retry-After is handed on, and meanwhile nothing at all is sent to that conversation."""
    teams.tell(429, headers={"Retry-After": "60"})
    with pytest.raises(Throttled) as first:
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    with pytest.raises(Throttled) as second:
        await client.send(teams.service_url, f"{CHANNEL};messageid=5", MESSAGE)
    assert (first.value.retry_after, second.value.retry_after) == (60, 60)
    await client.send(teams.service_url, "19:another@thread.tacv2", MESSAGE)
    assert len(teams.calls) == 2


async def test_throttled_for_ever(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """After a few attempts the throttling is handed on."""
    for _ in range(ATTEMPTS):
        teams.tell(429, headers={"Retry-After": "0"})
    with pytest.raises(Throttled):
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert len(teams.calls) == ATTEMPTS
    assert sum(time.slept) >= ATTEMPTS - 1  # nothing is no wait: a second at least, each time


async def test_throttled_until_a_date(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """By Teams' own clock."""
    dates = {"Retry-After": "Mon, 23 Nov 2026 10:00:04 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    teams.tell(429, headers=dates)
    await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert 4 <= sum(time.slept) < 5


async def test_refused_connection_is_tried_again(
    authority: Authority, session: aiohttp.ClientSession, time: Time
) -> None:
    """Where no connection stood, nothing was sent: a post is tried again and arrives."""
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
    """A service that proves itself by an authority we do not trust gets nothing, and surely nothing stands there."""
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(PortError) as failed:
            await connector_for(stranger, teams.origin, time).send(teams.service_url, CHANNEL, MESSAGE)
    assert not isinstance(failed.value, Unavailable)
    assert not teams.calls


@pytest.mark.parametrize("status", [408, 412, 429, 500, 502, 503, 504])
async def test_edit_is_made_again(teams: ScriptedTeams, client: Connector, time: Time, status: int) -> None:
    """An edit may be made twice, so it is, after a growing pause."""
    teams.tell(status)
    teams.tell(status)
    await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert teams.methods() == ["PUT", "PUT", "PUT"]
    assert time.slept == [0.5, 1.0]


async def test_edit_with_a_lost_answer(teams: ScriptedTeams, client: Connector) -> None:
    """An edit whose answer was lost is made again too."""
    for _ in range(2):
        teams.tell(lost=True)
    await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert len(teams.calls) > 2


async def test_edit_is_not_made_for_ever(teams: ScriptedTeams, client: Connector) -> None:
    """After a few attempts the outbox has to try later."""
    for _ in range(ATTEMPTS + 1):
        teams.tell(502)
    with pytest.raises(Unavailable):
        await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert len(teams.calls) == ATTEMPTS


@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (404, NotFound), (410, Gone)])
async def test_plain_refusal(teams: ScriptedTeams, client: Connector, status: int, error: type[PortError]) -> None:
    """A plain no is believed at once, and named by Teams' own code and correlation id."""
    teams.tell(status, {"error": {"code": "BotNotInConversationRoster", "message": "?"}}, headers={"MS-CV": "cv-1"})
    with pytest.raises(error, match=f"{status} BotNotInConversationRoster") as refused:
        await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert refused.value.request_id == "cv-1"
    assert len(teams.calls) == 1


# --- to whom nothing is sent --------------------------------------------------------------------------------------


async def test_no_redirect(authority: Authority, teams: ScriptedTeams, client: Connector) -> None:
    """A redirect is not followed: the token stays with the one it was meant for."""
    async with scripted_teams(authority) as elsewhere:
        teams.tell(307, headers={"Location": f"{elsewhere.origin}/v3/conversations"})
        with pytest.raises(Unavailable):
            await client.send(teams.service_url, CHANNEL, MESSAGE)
        assert not elsewhere.calls


async def test_unlisted_reference_never_gets_the_token(
    authority: Authority, teams: ScriptedTeams, client: Connector
) -> None:
    """The address is checked at every kind of call, before a token is even asked for."""
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
    """Entra's refusal of the bot is no refusal by the conversation, and nothing was sent."""

    async def refused(_claims: str | None = None) -> str:
        raise Forbidden("Entra gives no token")

    client = connector_for(session, teams.origin, time, refused)
    with pytest.raises(PortError) as failed:
        await client.update(teams.service_url, CHANNEL, "1700", lambda: MESSAGE)
    assert not isinstance(failed.value, Forbidden | Unavailable)
    assert not teams.calls


async def test_a_passing_401_takes_one_new_token(teams: ScriptedTeams, client: Connector, time: Time) -> None:
    """Posts, edits and reads alike: nothing was done with the token that was refused."""
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
    """And not as something that is wrong with the conversation; nobody loops."""
    for _ in range(2):
        teams.tell(401)
    with pytest.raises(PortError, match="401") as failed:
        await client.send(teams.service_url, CHANNEL, MESSAGE)
    assert not isinstance(failed.value, Forbidden | Unavailable)
    assert len(teams.calls) == 2


async def test_token_shows_nowhere(teams: ScriptedTeams, client: Connector) -> None:
    """Whatever goes wrong, neither the error nor a log line holds the token."""
    with capture_logs() as lines:
        teams.tell(401)
        for told in ({"status": 401}, {"status": 500}, {"lost": True}, {"status": 404, "body": {"error": TOKEN}}):
            teams.tell(**told)
            with pytest.raises(PortError) as failed:
                await client.send(teams.service_url, CHANNEL, MESSAGE)
            assert TOKEN not in repr(failed.value) + repr(failed.value.__cause__)
    assert TOKEN not in json.dumps(lines, default=repr)
