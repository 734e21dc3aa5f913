"""One request to the emergency process: who may send it, what is done, how often, and the answers."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from structlog.testing import capture_logs

from bot.emergency.server import LARGEST
from simulator.entra.tokens import GRAPH
from simulator.graph.faults import Fault, Kind
from simulator.keys import SigningKey
from simulator.teams.clients import TEAMS_APP
from tests.bot.emergency.conftest import MONDAY, WHY, Site


async def test_a_wipe(site: Site) -> None:
    """An allowed person wipes one device by one call, and no request waits in Intune."""
    assert await site.ask() == (200, "Intune has been told to wipe PC-1.")
    assert site.done() == ["wipe"]
    assert site.tenant.graph.requests() == []


async def test_a_retire(site: Site) -> None:
    """An allowed person can also retire a device."""
    assert await site.ask(act="retire") == (200, "Intune has been told to retire PC-1.")
    assert site.done() == ["retire"]


async def test_alive(site: Site) -> None:
    """The process has a health address for monitoring."""
    async with site.tenant.session.get(f"{site.url}/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "alive"})


# --- tokens -------------------------------------------------------------------------------------------------------

BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "expired": {"exp": int(MONDAY.timestamp()) - 300_000_000},
    "not yet good": {"nbf": 32_503_680_000},
    "another audience": {"aud": "api://somebody-else"},
    "for Graph": {"aud": GRAPH},
    "another issuer": {"iss": "https://login.microsoftonline.com/7a1c0000-0000-4000-8000-000000000000/v2.0"},
    "another tenant": {"tid": "7a1c0000-0000-4000-8000-000000000000"},
    "somebody else": {"oid": "7a1c0000-0000-4000-8000-000000000000"},
    "an application": {"idtyp": "app"},
    "no scope": {"scp": ""},
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
async def test_a_token_that_does_not_hold(site: Site, claims: dict[str, Any]) -> None:
    """A token that is signed by this tenant and has one wrong claim is refused."""
    status, said = await site.ask(assertion=site.token(**claims))
    assert (status, "The sign-in is not valid" in said) == (401, True)
    assert (site.done(), site.lines()) == ([], [])


async def test_a_token_that_was_changed(site: Site) -> None:
    """A token is refused if its claims were changed, if an unknown key signed it, or if it has no signature."""
    ivan = site.tenant.world.user("ivan").id
    genuine = site.token("dana")
    claims = jwt.decode(genuine, options={"verify_signature": False}) | {"oid": ivan}
    stranger = SigningKey()
    stranger.kid = jwt.get_unverified_header(genuine)["kid"]
    head, _, signature = genuine.split(".")
    changed = f"{head}.{stranger.sign(claims).split('.')[1]}.{signature}"
    for assertion in (changed, stranger.sign(claims), jwt.encode(claims, "", algorithm="none"), "", "no.token"):
        status, said = await site.ask(assertion=assertion)
        assert (status, "The sign-in is not valid" in said) == (401, True)
    assert site.done() == []


async def test_the_process_asks_the_token_and_not_the_bot(site: Site) -> None:
    """The person in the token counts: Dana is not on the list, so she is refused both as herself and under Ivan's
    id."""
    dana = site.tenant.world.user("dana").id
    assert await site.ask(assertion=site.token("dana"), person=dana) == (
        403,
        "This account may not act alone. Nothing was done.",
    )
    assert (await site.ask(assertion=site.token("dana")))[0] == 401
    assert site.done() == []


async def test_an_application_is_nobody(site: Site) -> None:
    """A token of an application is refused, even if it carries the id of an allowed person."""
    uri, ivan = site.tenant.teams.identifier_uri, site.tenant.world.user("ivan").id
    assertion = site.tenant.entra.app_token(site.settings.actor.app_id, uri, oid=ivan, sub=ivan)
    assert (await site.ask(assertion=assertion))[0] == 401
    assert site.done() == []


async def test_a_token_for_the_application_itself(site: Site) -> None:
    """The id of the sign-in application is accepted as an audience, and the bot's own id is not."""
    oid = site.tenant.world.user("ivan").id
    for audience, status in ((site.settings.bot_app_id, 401), (site.settings.sign_in_app_id, 200)):
        token = site.tenant.entra.user_token(oid, audience, TEAMS_APP, ["access_as_user"])
        assert (await site.ask(assertion=token))[0] == status


# --- bodies of requests -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["", "   ", "stolen", "x" * 40, "ab " * 20, "\u200b" * 40])
async def test_no_justification(site: Site, why: str) -> None:
    """A justification without at least twenty visible, varied characters is refused."""
    status, said = await site.ask(why=why)
    assert (status, said) == (400, "Without a justification nothing is done here.")
    assert site.done() == []


@pytest.mark.parametrize("act", ["delete", "script", "role", "compliance", "Wipe", "", "wipe/../retire"])
async def test_only_wipe_and_retire(site: Site, act: str) -> None:
    """Every act other than wipe and retire is refused."""
    assert (await site.ask(act=act))[0] == 400
    assert (site.done(), "PC-1" in {one["deviceName"] for one in site.tenant.world.devices.values()}) == ([], True)


@pytest.mark.parametrize(
    "device_id", ["", "../users", "7a1c0000-0000-4000-8000-000000000000", "äöü", "a" * 36, "?$top=1", "%2e%2e"]
)
async def test_no_such_device(site: Site, device_id: str) -> None:
    """A device id that Intune does not know, or that is no id, gets 404."""
    assert await site.ask(device_id=device_id) == (404, "Intune has no such device. Nothing was done.")


async def test_another_name(site: Site) -> None:
    """Nothing is done if the id belongs to one device and the name to another."""
    assert await site.ask(device_name="PC-2") == (409, "That device is not called so. Nothing was done.")
    assert (site.done(), site.done("PC-2"), site.lines()) == ([], [], [])


async def test_the_name_is_read_now(site: Site) -> None:
    """The name is compared with the device's present name, so a device that was renamed since is not wiped."""
    site.tenant.world.device("PC-1")["deviceName"] = "PC-1-OLD"
    status, _ = await site.ask("PC-1-OLD", device_name="PC-1")
    assert (status, site.done("PC-1-OLD")) == (409, [])


async def test_a_device_without_a_name(site: Site) -> None:
    """An empty name is refused, even if the device has no name in Intune."""
    site.tenant.world.device("PC-1")["deviceName"] = ""
    status, _ = await site.ask("", device_name="")
    assert (status, site.done("")) == (409, [])


@pytest.mark.parametrize(
    "differently",
    [{"more": "x"}, {"act": None}, {"why": 7}, {"request_id": ""}, {"request_id": "a b"}, {"request_id": "x" * 65}],
    ids=str,
)
async def test_strict(site: Site, differently: dict[str, Any]) -> None:
    """A request with an additional key, a missing value, another type or a bad id is refused."""
    status, said = await site.ask(**differently)
    assert (status, "Nothing was done" in said, site.done()) == (400, True, [])


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"why": "\\ud800"}'])
async def test_no_request_at_all(site: Site, content: bytes) -> None:
    """A body that is no request, also under an unknown encoding, gets an answer in a sentence."""
    headers = {"Content-Type": "application/json; charset=nobody-knows"}
    async with site.tenant.session.post(f"{site.url}/execute", data=content, headers=headers) as answer:
        assert (answer.status, "Nothing was done" in (await answer.json())["sentence"]) == (400, True)


async def test_half_a_letter(site: Site) -> None:
    """Half of a surrogate pair is refused before anything is written, because a file cannot store it."""
    content = json.dumps(site.body(why=f"{WHY} \ud800"))
    async with site.tenant.session.post(f"{site.url}/execute", data=content.encode()) as answer:
        assert answer.status == 400
    assert (site.done(), site.lines()) == ([], [])


async def test_too_large(site: Site) -> None:
    """A body of more than 16 KiB is refused without being read."""
    content = json.dumps(site.body()).encode() + b" " * LARGEST
    async with site.tenant.session.post(f"{site.url}/execute", data=content) as answer:
        assert (answer.status, "Nothing was done" in (await answer.json())["sentence"]) == (413, True)
    assert site.done() == []


# --- repeats and limits -------------------------------------------------------------------------------------------


async def test_the_same_request_again(site: Site) -> None:
    """A repeated request gets the same answer, and the call is made once."""
    first = await site.ask()
    assert await site.ask() == first
    assert site.done() == ["wipe"]


async def test_the_same_request_after_a_restart(idle: Site) -> None:
    """A repeated request gets the same answer after a restart of the process, and the call is made once."""
    async with idle.running():
        first = await idle.ask()
    async with idle.running():
        assert await idle.ask() == first
    assert idle.done() == ["wipe"]


async def test_the_same_request_twice_at_once(site: Site) -> None:
    """The same request sent several times at once leads to one call."""
    answers = await asyncio.gather(*(site.ask() for _ in range(5)))
    assert ({status for status, _ in answers}, site.done()) == ({200}, ["wipe"])


async def test_one_at_a_time(site: Site) -> None:
    """A second call begins only after Intune has answered the first."""
    held = Fault(Kind.SLOW, path="/wipe$")
    site.tenant.graph.faults.append(held)
    first = asyncio.create_task(site.ask())
    async with asyncio.timeout(5):
        while not site.done():  # noqa: ASYNC110  the device has no event to wait for
            await asyncio.sleep(0.01)
    second = asyncio.create_task(site.ask("PC-2", request_id="R2"))
    async with site.tenant.session.get(f"{site.url}/healthz") as answer:
        assert answer.status == 200
    assert (site.done("PC-2"), second.done()) == ([], False)
    held.event.set()
    assert [(await one)[0] for one in (first, second)] == [200, 200]


async def test_an_id_serves_one_purpose(site: Site) -> None:
    """A request id that was used cannot be used for another device or another act."""
    await site.ask()
    assert (await site.ask("PC-2"))[0] == 409
    assert (await site.ask(act="retire"))[0] == 409
    assert (site.done(), site.done("PC-2")) == (["wipe"], [])


async def test_a_repeat_needs_the_token_too(site: Site) -> None:
    """A repeated request also needs a good token."""
    await site.ask()
    assert (await site.ask(assertion="no.token"))[0] == 401


async def test_most_per_day(idle: Site) -> None:
    """At most three requests are carried out in 24 hours, also across a restart; a repeat does not count."""
    async with idle.running():
        for number in (0, 0, 1):
            assert (await idle.ask(act="retire", request_id=f"R{number}"))[0] == 200
    async with idle.running():
        assert (await idle.ask(act="retire", request_id="R2"))[0] == 200
        assert (await idle.ask(act="retire", request_id="R3"))[0] == 429
        assert (await idle.ask(act="retire", request_id="R2"))[0] == 200
        idle.tenant.clock.advance(timedelta(hours=23, minutes=59))
        assert (await idle.ask(act="retire", request_id="R3"))[0] == 429
        idle.tenant.clock.advance(timedelta(minutes=1))
        assert (await idle.ask(act="retire", request_id="R3"))[0] == 200
    assert idle.done() == ["retire"] * 4


async def test_the_most_is_over_all_people(idle: Site) -> None:
    """The limit per day is shared by all allowed people."""
    dana = idle.tenant.world.user("dana").id
    allowed = json.dumps([idle.tenant.world.user("ivan").id, dana])
    more = idle.environment | {"COUNTERSIGN_EMERGENCY_ALLOWED": allowed, "COUNTERSIGN_EMERGENCY_MOST_PER_DAY": "1"}
    both = Site(idle.tenant, more)
    async with both.running():
        assert (await both.ask())[0] == 200
        status, _ = await both.ask("PC-2", request_id="R2", person=dana, assertion=both.token("dana"))
    assert (status, both.done("PC-2")) == (429, [])


async def test_a_clock_that_was_set_back(site: Site) -> None:
    """Setting the clock back does not allow more calls."""
    for number in range(3):
        await site.ask(act="retire", request_id=f"R{number}")
    site.tenant.clock.jump(MONDAY - timedelta(days=30))
    assert (await site.ask(act="retire", request_id="R3"))[0] == 429


# --- outages, and the log -----------------------------------------------------------------------------------------


async def test_intune_does_not_answer(site: Site) -> None:
    """If Intune does not answer before the call, nothing is done or counted, and the same request can be sent again
    later."""
    site.tenant.graph.faults.append(Fault(Kind.THROTTLED, method="GET", retry_after=60))
    assert await site.ask() == (503, "Intune does not answer. Nothing was done.")
    assert site.lines() == []
    assert (await site.ask())[0] == 200


async def test_entra_publishes_no_keys(idle: Site) -> None:
    """If Entra's keys cannot be read, no token is accepted."""
    nowhere = Site(idle.tenant, idle.environment | {"COUNTERSIGN_EMERGENCY_AUTHORITY": "https://localhost:9"})
    async with nowhere.running():
        assert await nowhere.ask() == (503, "Entra's keys cannot be read. Nothing was done.")
    assert nowhere.done() == []


async def test_no_token_shows(site: Site) -> None:
    """No token appears in the log or in the ledger, whether the request succeeds or fails."""
    good, bad = site.token(), site.token("dana")
    with capture_logs() as lines:
        await site.ask(assertion=good)
        await site.ask(assertion=bad, request_id="R2")
        await site.ask(assertion=good, act="delete", request_id="R3")
    seen = repr(lines) + site.ledger.read_text()
    assert len(lines) >= 3
    assert not [part for token in (good, bad) for part in (token, token.split(".")[1]) if part in seen]
