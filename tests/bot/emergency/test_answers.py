"""Answers of Intune to the one call, their meaning, and the calls whose result stays unknown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.emergency.ledger import Ledger, LedgerLine
from simulator.graph.faults import Fault, Kind
from simulator.site import serve
from tests.bot.emergency.conftest import MONDAY, REQUEST, WHY, Site
from tests.office import authority

CODE = "5c0f3f0e-98a1-4d5e-9a34-0d8c6f0c5a11"
IN_DOUBT = (504, "Intune did not answer. It may have done it all the same: look there before anything else.")
NOT_REPEATED = (504, "This was tried, and it is not known what came of it: look in Intune. It is not done again.")


# --- the tenant ---------------------------------------------------------------------------------------------------


async def test_not_excluded(site: Site) -> None:
    """If the access policy applies to this application, too, the answer says so, nothing waits in Intune, and the call
    is not repeated."""
    for policy in site.tenant.world.policies.values():
        policy.excluded_app_ids.clear()
    first = await site.ask()
    assert first == (
        409,
        (
            "Intune holds it for a second person: this process is not excluded from the access policy. "
            "No request was filed."
        ),
    )
    assert await site.ask() == first
    assert (site.done(), site.tenant.graph.requests()) == ([], [])


@pytest.mark.parametrize("kind", [Kind.LOST_ANSWER, Kind.TIMEOUT_AFTER])
async def test_a_lost_answer(idle: Site, kind: Kind) -> None:
    """A wipe whose answer was lost is not repeated, also not after a restart of the process, and it counts for the
    limit per day."""
    one = Site(idle.tenant, idle.environment | {"COUNTERSIGN_EMERGENCY_MOST_PER_DAY": "1"})
    one.tenant.graph.faults.append(Fault(kind, path="/wipe$"))
    async with one.running():
        assert await one.ask() == IN_DOUBT
        assert await one.ask() == NOT_REPEATED
    async with one.running():
        assert await one.ask() == NOT_REPEATED
        assert (await one.ask("PC-2", request_id="R2"))[0] == 429
    assert one.done() == ["wipe"]


@pytest.mark.parametrize("kind", [Kind.LOST_REQUEST, Kind.UNAVAILABLE])
async def test_a_lost_call(site: Site, kind: Kind) -> None:
    """A call that was lost on its way gets the same answer as a lost answer, because the process cannot tell them
    apart."""
    site.tenant.graph.faults.append(Fault(kind, path="/wipe$"))
    assert await site.ask() == IN_DOUBT
    assert await site.ask() == NOT_REPEATED
    assert site.done() == []


async def test_a_crash_after_the_intent(idle: Site) -> None:
    """If the ledger ends with an intent, the call may have been made, so it is not made again."""
    ivan, device = idle.tenant.world.user("ivan").id, idle.tenant.world.device("PC-1")["id"]
    ledger = Ledger(idle.ledger)
    ledger.write(
        LedgerLine(
            request_id=REQUEST, person=ivan, act="wipe", device_id=device, device_name="PC-1", why=WHY, at=MONDAY
        )
    )
    ledger.close()
    async with idle.running():
        assert await idle.ask() == NOT_REPEATED
    assert idle.done() == []


async def test_a_newer_token_is_wanted(site: Site) -> None:
    """If Graph demands a newer token, it has done nothing, so the call is made with a new token, once."""
    site.tenant.graph.faults.append(Fault(Kind.CHALLENGED, path="/wipe$"))
    assert (await site.ask())[0] == 200
    assert site.done() == ["wipe"]


async def test_a_newer_token_cannot_be_had(site: Site) -> None:
    """If the newer token that Graph demands cannot be had, the result stays unknown, and the answer says so."""
    await site.ask("PC-2", request_id="R0")
    site.tenant.graph.faults.append(Fault(Kind.CHALLENGED, path="/wipe$"))
    site.tenant.entra.faults.outages = 100
    assert await site.ask() == IN_DOUBT
    assert site.done() == []


async def test_intent_first(site: Site) -> None:
    """When Intune gets the call, the ledger already has its intent: who, what, why and when, without an outcome."""
    written: list[bytes] = []
    device = site.tenant.world.device("PC-1")

    class Watched(list[Any]):
        def append(self, one: Any) -> None:
            written.append(site.ledger.read_bytes())
            super().append(one)

    device["deviceActionResults"] = Watched()
    await site.ask()
    [intent] = [LedgerLine.model_validate_json(line) for content in written for line in content.splitlines()[1:]]
    assert (intent.person, intent.act, intent.device_id) == (site.body()["person"], "wipe", device["id"])
    assert (intent.device_name, intent.why, intent.at, intent.outcome) == ("PC-1", WHY, MONDAY, None)
    *_, ended = site.lines()
    assert (ended.outcome, bool(ended.answer_id)) == ("done", True)


# --- answers that the tenant never gives --------------------------------------------------------------------------


@dataclass
class Intune:
    """A fake of Intune with one device and a fixed answer to its wipe."""

    device: dict[str, Any]
    answer: web.Response
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def app(self) -> web.Application:
        """Return the application with the addresses of the device and of its wipe."""
        path = "/beta/deviceManagement/managedDevices/{id}"
        app = web.Application()
        app.add_routes([web.get(path, self._get), web.post(f"{path}/wipe", self._wipe)])
        return app

    async def _get(self, _request: web.Request) -> web.Response:
        return web.json_response(self.device)

    async def _wipe(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        return web.Response(status=self.answer.status, headers=self.answer.headers, body=self.answer.body)


@asynccontextmanager
async def answering(idle: Site, answer: web.Response) -> AsyncIterator[tuple[Site, Intune]]:
    """Run the process with a fake of Intune that gives this answer."""
    intune = Intune({"id": idle.tenant.world.device("PC-1")["id"], "deviceName": "PC-1"}, answer)
    async with serve(intune.app(), authority().server_context()) as origin:
        idle.tenant.entra.graph_origin = origin
        site = Site(idle.tenant, idle.environment | {"COUNTERSIGN_EMERGENCY_GRAPH": origin})
        async with site.running():
            yield site, intune


def error(status: int, message: str = "", **headers: str) -> web.Response:
    """Return an error answer in the form that Graph uses."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response({"error": {"code": "Code", "message": message}}, status=status, headers=named)


HELD = {
    "412 with the code in a header": (error(412, x_msft_approval_code=CODE), "A request now waits in Intune"),
    "412 with it in the message": (error(412, f"x-msft-approval-code: {CODE}"), "A request now waits in Intune"),
    "403 as documented": (error(403, "Approval Required", x_msft_approval_code=CODE), "A request now waits in Intune"),
    "412 alone": (error(412), "A request may wait in Intune"),
    "403, justification missing": (
        error(403, "Header 'x-msft-approval-justification' is required to request approval"),
        "No request was filed",
    ),
}


@pytest.mark.parametrize(("answer", "sentence"), HELD.values(), ids=HELD)
async def test_held(idle: Site, answer: web.Response, sentence: str) -> None:
    """Every form in which Intune holds the call is told as "not excluded", with what waits in Intune."""
    async with answering(idle, answer) as (site, intune):
        status, said = await site.ask()
        assert (status, "not excluded" in said, sentence in said) == (409, True, True)
        assert await site.ask() == (status, said)
        assert len(intune.bodies) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
async def test_refused(idle: Site, status: int) -> None:
    """A clear refusal is passed on in Graph's words, and is not called a missing exclusion."""
    async with answering(idle, error(status, "Missing permission")) as (site, intune):
        answered, said = await site.ask()
        assert (answered, "Missing permission" in said, "excluded" in said) == (409, True, False)
        assert await site.ask() == (answered, said)
        assert len(intune.bodies) == (2 if status == 401 else 1)  # a refused token is renewed once; nothing was done


@pytest.mark.parametrize("status", [302, 304, 408, 425, 500, 502, 503])
async def test_unclear(idle: Site, status: int) -> None:
    """After an unclear answer the call may have been carried out, so it is not repeated; a redirect is not followed."""
    async with answering(idle, web.Response(status=status, headers={"Location": "/elsewhere"})) as (site, intune):
        assert await site.ask() == IN_DOUBT
        assert await site.ask() == NOT_REPEATED
        assert len(intune.bodies) == 1


async def test_what_is_sent(idle: Site) -> None:
    """The wipe is sent with the options for a lost device, and without a justification that would file a request."""
    async with answering(idle, web.Response(status=204)) as (site, intune):
        assert (await site.ask())[0] == 200
        assert intune.bodies == [b'{"keepEnrollmentData":false,"keepUserData":false,"useProtectedWipe":false}']
        assert not [name for name in intune.headers[0] if name.startswith("x-msft-approval")]
