"""The client of the emergency process: how the bot asks, and which answers it believes."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientSession, web

from approvals.order import Act
from bot.emergency.client import EmergencyClient
from handlers.ports.emergency import AloneCall
from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, Throttled, Unavailable
from simulator.site import serve
from tests.bot.emergency.conftest import REQUEST, WHY, Site
from tests.office import authority
from tests.servers import free_port, listening

CALL = AloneCall("p", Act.WIPE, "d", "PC-1", WHY, REQUEST)


def call_of(site: Site, **differently: Any) -> AloneCall:
    """Return the call that the bot would send for such a request."""
    body = {name: value for name, value in site.body(**differently).items() if name != "assertion"}
    return AloneCall(**body | {"act": Act(body["act"])})


async def test_done(site: Site) -> None:
    """The client understands the answer of the real process to a successful call."""
    client = EmergencyClient(site.tenant.session, site.url + "/")
    answer = await client.execute(call_of(site), site.token())
    assert (answer.sentence, len(answer.answer_id)) == ("Intune has been told to wipe PC-1.", 36)
    assert site.done() == ["wipe"]


async def test_not_done(site: Site) -> None:
    """Every refusal of the process becomes the matching error, with the process' own sentence."""
    client = EmergencyClient(site.tenant.session, site.url)
    unknown = "7a1c0000-0000-4000-8000-000000000000"
    for differently, error in (
        ({"why": "stolen"}, Forbidden),
        ({"act": "delete"}, Forbidden),
        ({"device_id": unknown}, NotFound),
        ({"device_name": "PC-2"}, Conflict),
        ({"why": "x" * 8000, "device_name": "y" * 8000}, Forbidden),
    ):
        with pytest.raises(error, match=r"\w+ \w+.*\.$"):
            await client.execute(call_of(site, **differently), site.token())
    with pytest.raises(Forbidden, match="sign-in is not valid"):
        await client.execute(call_of(site), "no.token")
    for number in range(3):
        await client.execute(call_of(site, act="retire", request_id=f"R{number}"), site.token())
    with pytest.raises(Throttled, match="24 hours"):
        await client.execute(call_of(site), site.token())
    assert site.done() == ["retire"] * 3


ANSWERS: dict[str, web.Response] = {
    "200 without a sentence": web.json_response({"status": "alive"}),
    "200 with an empty one": web.json_response({"sentence": ""}),
    "200 of another kind": web.Response(text="<html>Welcome</html>"),
    "200 with nothing": web.Response(),
    "200 with a list": web.json_response(["Intune has been told to wipe PC-1."]),
    "201": web.json_response({"sentence": "Created."}, status=201),
    "a redirect": web.Response(status=307, headers={"Location": "/elsewhere"}),
    "a proxy's 502": web.Response(status=502, text="Bad Gateway"),
    "500": web.json_response({"sentence": "x"}, status=500),
    "503": web.json_response({"sentence": "Nothing was done."}, status=503),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_what_is_not_believed(answer: web.Response) -> None:
    """Only an answer in the form of the process counts as done or as refused; every other answer is `Unavailable`."""
    asked = []

    async def execute(request: web.Request) -> web.Response:
        asked.append(request.path)
        return answer

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", execute)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(app, None))
        session = await stack.enter_async_context(ClientSession())
        with pytest.raises(Unavailable):
            await EmergencyClient(session, url).execute(CALL, "a")
    assert asked == ["/execute"]


async def test_nobody_there(site: Site) -> None:
    """A missing connection and a certificate that cannot be verified give `Unavailable`."""
    with pytest.raises(Unavailable, match="Look in Intune"):
        await EmergencyClient(site.tenant.session, f"https://localhost:{free_port()}").execute(CALL, "a")
    async with ClientSession() as stranger:
        with pytest.raises(Unavailable, match="Look in Intune"):
            await EmergencyClient(stranger, site.url).execute(call_of(site), site.token())
    assert site.done() == []


async def test_the_connection_breaks(site: Site) -> None:
    """A call whose connection breaks is not sent a second time."""
    asked: list[int] = []

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.append(1)
        writer.close()

    async with listening(cut, authority().server_context()) as port:
        with pytest.raises(PortError) as raised:
            await EmergencyClient(site.tenant.session, f"https://localhost:{port}").execute(CALL, "a")
    assert (type(raised.value), asked) == (Unavailable, [1])
