"""The Bot Connector as a bot uses it: what it accepts, what it refuses, and how it fails."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from simulator.certificate import Authority
from simulator.clock import Clock
from simulator.entra import BOT_FRAMEWORK
from simulator.story import BOT, WORKER
from simulator.teams.connector import BOT_AUDIENCE
from simulator.teams.faults import Fault, Kind
from simulator.teams.places import Conversation
from simulator.tenant import Tenant, tenant

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": []}


@dataclass
class Line:
    """A bot's connection to the connector, and one channel that the bot is in."""

    site: Tenant
    channel: Conversation

    async def call(self, method: str, path: str, body: Any = None, who: str = BOT, **claims: Any) -> tuple[int, Any]:
        """Call the connector with the token of this application."""
        app_id = self.site.world.application(who).app_id
        token = self.site.entra.app_token(app_id, claims.pop("audience", BOT_FRAMEWORK), **claims)
        url = f"{self.site.connector.service_url}v3/conversations{path}"
        headers = {"Authorization": f"Bearer {token}"}
        async with self.site.session.request(method, url, json=body, headers=headers) as response:
            return response.status, {**await response.json(), "retry": response.headers.get("Retry-After")}

    async def post(self, card: dict[str, Any] | None = None, **call: Any) -> tuple[int, Any]:
        """Post a card as a new thread."""
        activity = {
            "type": "message",
            "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card or CARD}],
        }
        body = {"isGroup": True, "channelData": {"channel": {"id": self.channel.id}}, "activity": activity}
        return await self.call("POST", "", body, **call)

    def edit_path(self, posted: dict[str, Any]) -> str:
        return f"/{posted['id'].replace(';', '%3B')}/activities/{posted['activityId']}"


@pytest.fixture
async def line(authority: Authority) -> AsyncIterator[Line]:
    async with tenant(Clock(datetime(2026, 11, 23, 8, tzinfo=UTC)), authority=authority) as site:
        channel = site.channels["Approvals"]
        channel.installed = True
        yield Line(site, channel)


async def test_a_card_is_posted_edited_answered_and_deleted(line: Line) -> None:
    """Everybody sees the last version of a card, and a reply is in the card's thread."""
    status, posted = await line.post()
    assert status == 201
    [message] = line.channel.messages

    edited = {"type": "message", "text": "edited"}
    assert (await line.call("PUT", line.edit_path(posted), edited))[0] == 200
    assert (message.text, len(message.versions)) == ("edited", 2)

    thread = posted["id"].replace(";", "%3B")
    await line.call("POST", f"/{thread}/activities", {"type": "message", "text": "done"})
    assert [one.conversation for one in line.channel.messages] == [posted["id"]] * 2

    await line.call("DELETE", line.edit_path(posted))
    assert (await line.call("PUT", line.edit_path(posted), edited))[0] == 404


async def test_only_the_bot_itself_may_write(line: Line) -> None:
    """Only the bot's own token, for the Bot Framework and from this tenant, may write."""
    assert (await line.post(who=WORKER))[0] == 403
    assert (await line.post(audience="https://graph.microsoft.com"))[0] == 401
    assert (await line.post(exp=1))[0] == 401
    assert line.channel.messages == []
    assert BOT_AUDIENCE == BOT_FRAMEWORK


@pytest.mark.parametrize(
    ("change", "status"),
    [({"installed": False}, 403), ({"archived": True}, 403)],
    ids=["bot removed", "archived"],
)
async def test_a_place_that_takes_nothing(line: Line, change: dict[str, bool], status: int) -> None:
    """In a place that accepts nothing, posting and editing are refused."""
    _, posted = await line.post()
    vars(line.channel).update(change)

    assert (await line.post())[0] == status
    assert (await line.call("PUT", line.edit_path(posted), {"type": "message"}))[0] == status
    assert len(line.channel.messages) == 1


@pytest.mark.parametrize(
    ("card", "status"),
    [
        (CARD | {"version": "1.6"}, 400),
        (CARD | {"refresh": {"userIds": [f"29:{number}" for number in range(61)]}}, 400),
        (CARD | {"fallbackText": "x" * 60_000}, 413),
    ],
    ids=["too new", "too many to refresh", "too big"],
)
async def test_a_card_that_teams_does_not_take(line: Line, card: dict[str, Any], status: int) -> None:
    """A card that Teams does not accept is refused completely."""
    assert (await line.post(card))[0] == status


async def test_rates_per_conversation(line: Line) -> None:
    """The eighth write within a second is refused; after a short time writing works again."""
    for _ in range(7):
        assert (await line.post())[0] == 201
    status, answer = await line.post()
    assert (status, answer["retry"]) == (429, "1")

    line.site.clock.advance(timedelta(seconds=2))
    assert (await line.post())[0] == 201


async def test_people_are_reached_where_the_app_is(line: Line) -> None:
    """A person is reached in private only if they have the app, by the object id or Teams' own id."""
    noa, dana = line.site.world.user("noa"), line.site.world.user("dana")

    async def opened(member: str) -> int:
        status, _ = await line.call("POST", "", {"isGroup": False, "members": [{"id": member}]})
        return status

    assert [await opened(one) for one in (dana.id, dana.mri, noa.id, dana.upn)] == [201, 201, 403, 403]


async def test_the_roster(line: Line) -> None:
    """The roster has everybody in the channel with their account; one person is read by either id."""
    channel = line.channel.id
    _, everybody = await line.call("GET", f"/{channel}/pagedmembers")
    dana = line.site.world.user("dana")
    assert dana.id in {member["aadObjectId"] for member in everybody["members"]}
    status, one = await line.call("GET", f"/{channel}/members/{dana.id}")
    assert (status, one["id"]) == (200, dana.mri)
    assert (await line.call("GET", f"/{channel}/members/nobody"))[0] == 404


async def test_faults_strike_as_often_as_told(line: Line) -> None:
    """Of an error status, a lost request and a lost answer, only the lost answer leaves a message."""
    faults = line.site.connector.faults
    faults += [Fault(Kind.STATUS, 502), Fault(Kind.LOST_REQUEST), Fault(Kind.LOST_ANSWER)]

    assert (await line.post())[0] == 502
    for left in (0, 1):
        with pytest.raises(aiohttp.ClientError):
            await line.post()
        assert len(line.channel.messages) == left
    assert (await line.post())[0] == 201


async def test_metadata_and_keys(line: Line) -> None:
    """The metadata names the keys for checking tokens; a new key is published beside the old one."""
    connector, session = line.site.connector, line.site.session
    connector.roll_over()
    async with session.get(f"{connector.origin}/v1/.well-known/openidconfiguration") as response:
        metadata = await response.json()
    async with session.get(metadata["jwks_uri"]) as response:
        keys = (await response.json())["keys"]
    assert metadata["issuer"] == "https://api.botframework.com"
    assert [key["endorsements"] for key in keys] == [["msteams"], ["msteams"]]
    assert connector.key.kid == keys[-1]["kid"]
