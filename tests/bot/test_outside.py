"""Messages out of the tenant: signed by a public standard, and sent only to allowed addresses."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.check.finding import Mark
from bot.config.environment import SettingsError
from bot.config.file import (
    ConfigError,
    parse,
)
from bot.config.webhook_secret import signing_key
from bot.outside import (
    WebHeartbeat,
    Webhook,
    is_allowed,
    signed,
)
from bot.wiring.bot import assembled
from bot.wiring.neighbours import REAL_TIME
from handlers.ports.errors import LONGEST_PAUSE, PortError, Throttled, Unavailable
from handlers.ports.outside import News, NewsKind
from simulator.clock import Clock
from simulator.site import serve
from simulator.tenant import tenant
from tests.bot.config.documents import ours
from tests.bot.conftest import SetUp
from tests.office import MONDAY, authority, settings_of
from tests.servers import free_port
from tests.tenant_time import TenantClock

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEWS = News("R1-below-quorum-1", NewsKind.ALARM, "below-quorum", "Jürgen, look.", MONDAY, "R1")


@dataclass
class Receiver:
    """A receiver that gives the same answer to everything, and records what arrives."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    came: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.came.append((request.method, request.path_qs, await request.read()))
        return web.Response(status=self.status, headers=self.headers)


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """Yield a session and the origin of the receiver."""
    app = web.Application()
    app.add_routes([web.route("*", "/{path:.*}", receiver.answer)])
    connector = aiohttp.TCPConnector(ssl=authority().client_context())
    async with (
        serve(app, authority().server_context()) as origin,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        yield session, origin


def webhook(session: aiohttp.ClientSession, address: str) -> Webhook:
    return Webhook(session, address, [signing_key(SECRET)], "https://countersign.example", TenantClock(Clock(MONDAY)))


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The signature has the value of the test vector of Standard Webhooks."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [signing_key(SECRET)], at)

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_the_secret_is_changed_both_sign() -> None:
    """While the secret is changed, an event has the signatures of both secrets."""
    old, new = signing_key(SECRET), bytes(24)
    both = signed("m", b"{}", [new, old], MONDAY)["webhook-signature"].split(" ")

    assert both == [signed("m", b"{}", [key], MONDAY)["webhook-signature"] for key in (new, old)]


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "AAAA" * 22],
)
def test_what_is_no_secret(secret: str) -> None:
    """A text of the wrong length or form is not accepted as a secret."""
    assert signing_key(secret) == b""


async def test_an_event_as_it_is_sent() -> None:
    """An event is one POST to the exact address, with all attributes of CloudEvents and with umlauts in UTF-8."""
    receiver = Receiver()
    async with receiving(receiver) as (session, origin):
        await webhook(session, f"{origin}/hook%2Fone?sig=a%2Bb").tell(NEWS)

    [(method, path, body)] = receiver.came
    assert (method, path) == ("POST", "/hook%2Fone?sig=a%2Bb")
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": "R1-below-quorum-1",
        "source": "https://countersign.example",
        "type": "countersign.alarm",
        "subject": "R1",
        "time": "2026-11-23T08:00:00Z",
        "datacontenttype": "application/json",
        "data": {"what": "below-quorum", "text": "Jürgen, look.", "request": "R1"},
    }
    assert "Jürgen".encode() in body


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirection_is_followed(status: int) -> None:
    """A redirect is not followed, because its target may be an internal address that was not allowed."""
    elsewhere = Receiver()
    async with receiving(elsewhere) as (_, inside):
        receiver = Receiver(status, {"Location": f"{inside}/latest/meta-data"})
        async with receiving(receiver) as (session, origin):
            with pytest.raises(PortError, match=f"answered {status}"):
                await webhook(session, f"{origin}/hook").tell(NEWS)
            with pytest.raises(PortError, match=f"answered {status}"):
                await WebHeartbeat(session, f"{origin}/ping").beat()

    assert [method for method, _, _ in receiver.came] == ["POST", "GET"]
    assert elsewhere.came == []


@pytest.mark.parametrize(
    ("status", "headers", "kind", "pause"),
    [
        (429, {"Retry-After": "7"}, Throttled, 7.0),
        (429, {}, Throttled, None),
        (503, {"Retry-After": "999999"}, Throttled, LONGEST_PAUSE),
        (503, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, Unavailable, None),
        (500, {}, Unavailable, None),
        (408, {}, Unavailable, None),
        (404, {}, PortError, None),
        (410, {}, PortError, None),
    ],
)
async def test_what_is_not_taken(status: int, headers: dict[str, str], kind: type, pause: float | None) -> None:
    """A refusal that may pass becomes an error that is tried again, and the pause is limited."""
    async with receiving(Receiver(status, headers)) as (session, origin):
        with pytest.raises(PortError) as caught:
            await webhook(session, f"{origin}/hook?code=a-secret").tell(NEWS)

    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == pause
    assert "a-secret" not in str(caught.value)


async def test_nobody_is_there() -> None:
    """If nobody listens at the address, `Unavailable` is raised without the address."""
    async with receiving(Receiver()) as (session, _):
        with pytest.raises(Unavailable) as caught:
            await webhook(session, f"https://localhost:{free_port()}/hook?code=a-secret").tell(NEWS)

    assert "localhost" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://hooks.example.com/x?y=z", True),
        ("https://HOOKS.example.com./x", False),
        ("https://hooks.example.com:8443/x", False),
        ("https://sub.below.example.org/x", True),
        ("https://below.example.org/x", False),
        ("https://hooks.example.com.evil.org/x", False),
        ("https://169.254.169.254/latest", False),
    ],
)
def test_where_something_may_be_sent(address: str, allowed: bool) -> None:
    """An address is allowed only if its host and port match the list exactly or by a wildcard."""
    assert is_allowed(address, ["https://hooks.example.com", "https://*.below.example.org"]) is allowed


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"webhook": "http://hooks.example.com/x"}, "countersign.alarm.webhook: this must be an https address"),
        ({"heartbeat": "https://me:secret@hooks.example.com/x"}, "countersign.alarm.heartbeat: this must be"),
        ({"heartbeat": "https:///x"}, "countersign.alarm.heartbeat: this must be"),
        ({"noPollFor": "PT1M"}, "countersign.alarm.noPollFor: this must be at least three times pollEvery"),
    ],
)
def test_mistakes_in_the_file(written: dict[str, str], said: str) -> None:
    """Each mistake in the file is reported with its path."""
    with pytest.raises(ConfigError, match=said):
        parse(ours(alarm=written))


@pytest.mark.parametrize(
    ("settings", "minutes"),
    [
        ({}, 10),
        ({"pollEvery": "PT10M"}, 30),
        ({"pollEvery": "PT10M", "alarm": {"noPollFor": "PT2H"}}, 120),
        ({"alarm": {"noPollFor": "PT90S"}}, 1.5),
    ],
)
def test_when_no_poll_alarms(settings: dict[str, Any], minutes: float) -> None:
    """The alarm about missing polls never comes before three polls could have been completed."""
    assert parse(ours(**settings)).countersign.no_poll_for == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("ALARM_ORIGINS", "its origin is not in COUNTERSIGN_ALARM_ORIGINS"),
        ("ALARM_WEBHOOK_SECRET", "this needs COUNTERSIGN_ALARM_WEBHOOK_SECRET"),
    ],
)
async def test_nothing_starts_with_half_of_it(tmp_path: Path, missing: str, said: str) -> None:
    """If the file names an address that the environment does not allow, or has no secret for, the bot does not
    start."""
    async with tenant(Clock(MONDAY), authority=authority()) as site:
        environment = site.environment(tmp_path / "ca.pem", "https://localhost")
        del environment[f"COUNTERSIGN_{missing}"]
        opened = assembled(settings_of(environment), parse(json.dumps(site.policy(outside=True))), "", REAL_TIME)
        with pytest.raises(ConfigError, match=said):
            await opened.__aenter__()


async def test_a_secret_of_another_kind_is_told(tmp_path: Path) -> None:
    """A malformed secret is reported by the name of its setting, without its value."""
    async with tenant(Clock(MONDAY), authority=authority()) as site:
        environment = site.environment(tmp_path / "ca.pem", "https://localhost")
        environment["COUNTERSIGN_ALARM_WEBHOOK_SECRET"] = "hunter2-hunter2-hunter2-hunter2"
        with pytest.raises(SettingsError) as caught:
            settings_of(environment)

    assert "COUNTERSIGN_ALARM_WEBHOOK_SECRET: this must be" in str(caught.value)
    assert "hunter2" not in str(caught.value)


# --- check --------------------------------------------------------------------------------------------------------


async def test_check_tries_both_and_alarms_nobody(setup: SetUp) -> None:
    """`check` sends a test event to the webhook, and asks the heartbeat's host without sending a heartbeat."""
    told = [finding.what for finding in await setup.look()]
    outside = setup.tenant.outside

    assert "The alarm webhook accepted a test event" in told
    assert f"The host of the heartbeat answers: {outside.origin}" in told
    assert [event["type"] for event in outside.events] == ["countersign.check"]
    assert (outside.beats, outside.forged) == ([], [])


async def test_check_says_what_is_missing(setup: SetUp) -> None:
    """`check` warns if the webhook or the heartbeat is not set."""
    setup.configure(alarm={})
    first, second = await setup.troubles()

    assert "countersign.alarm.webhook is not set" in first.what
    assert "countersign.alarm.heartbeat is not set" in second.what
    assert {first.mark, second.mark} == {Mark.DOUBTFUL}


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ALARM_WEBHOOK_SECRET", SECRET, "countersign.alarm.webhook: whoever is told outside answered 401"),
        ("ALARM_ORIGINS", '["https://elsewhere.example"]', "its origin is not in COUNTERSIGN_ALARM_ORIGINS"),
    ],
)
async def test_check_finds_what_would_not_arrive(setup: SetUp, variable: str, value: str, said: str) -> None:
    """`check` finds a wrong secret and an origin that is not allowed."""
    setup.set(**{variable: value})

    assert any(said in finding.what for finding in await setup.troubles())


async def test_check_finds_a_heartbeat_that_nobody_hears(setup: SetUp) -> None:
    """`check` finds a heartbeat host that does not answer, and does not show the whole address."""
    dead = f"https://localhost:{free_port()}"
    setup.set(ALARM_ORIGINS=json.dumps([dead, setup.tenant.outside.origin]))
    alarm: dict[str, Any] = {"webhook": setup.tenant.outside.webhook, "heartbeat": f"{dead}/ping/a-secret"}
    setup.configure(alarm=alarm)
    [found] = await setup.troubles()

    assert found.what.startswith(f"countersign.alarm.heartbeat: {dead} does not answer")
    assert "a-secret" not in found.what
