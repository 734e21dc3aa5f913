"""The emergency page: an account without Teams uses break-glass on the bot's own page, under the same rules."""

import re
from html import unescape

import pytest
from redis.asyncio import Redis
from yarl import URL

from approvals.audit import Kind
from approvals.emergency import Way
from approvals.request import Decision
from simulator.tenant import Tenant
from tests.office import Office, day_with, text_of
from tests.scenarios.test_alone import wipes
from tests.scenarios.test_break_glass import WHY, another_wipe_is_meant, in_native_group, intune_status, now, wipe_waits


def without_teams(tenant: Tenant) -> None:
    """Set up the emergency accounts without Teams."""
    in_native_group(tenant)
    for name in ("emergency-admin-1", "emergency-admin-2"):
        account = tenant.world.user(name)
        account.in_teams = account.has_bot = False


NIGHT = day_with(night=True, prepare=without_teams)


class Browser:
    """A person's browser at the emergency page. It keeps the cookie and follows redirects, also through Entra.

    `drops` is a parameter that the person removes from the address on the way to Entra.
    """

    def __init__(self, day: Office, name: str, drops: str = "") -> None:
        self.day = day
        self.name = name
        self.cookie = ""
        self.page = ""
        self.drops = drops

    async def open(self, url: str) -> str:
        """Follow redirects from this address, and return the text of the page."""
        for _ in range(8):
            url = url if url.startswith("https") else f"{self.day.urls[0]}{url}"
            if url.startswith(self.day.tenant.entra.origin):
                url = str(URL(url).without_query_params(*[self.drops] if self.drops else []))
                url += f"&simulate_user={self.name}"
            ours = url.startswith(self.day.urls[0])
            headers = {"Cookie": self.cookie} if ours and self.cookie else {}
            async with self.day.tenant.session.get(url, allow_redirects=False, headers=headers) as answer:
                for key, morsel in answer.cookies.items() if ours else ():
                    self.cookie = f"{key}={morsel.value}"
                if "Location" not in answer.headers:
                    self.page = unescape(await answer.text())
                    return self.page
                url = answer.headers["Location"]
        raise AssertionError("it goes round in a circle")

    async def send(self, **fields: str) -> str:
        """Fill in the form, read the confirmation step, and go on to the end. Return the text of the last page."""
        shown = await self.fill(**fields)
        way_on = re.search(r'<a href="([^"]*/signin/[^"]+)">', shown)
        page = await self.open(way_on[1]) if way_on else shown
        await self.day.work()
        return page

    async def fill(self, **fields: str) -> str:
        """Fill in the form and send it. Return the page that answers, which is never a redirect."""
        chosen = fields.get("request", "")
        offered = re.search(rf'value="({chosen} [0-9a-f]+)"', self.page) if chosen else None
        fields |= {"request": offered[1]} if offered else {}
        state = re.search(r'name="state" value="([^"]+)"', self.page)
        form = {"state": state[1] if state else "", "name": "PC-1", "why": WHY, **fields}
        url, headers = f"{self.day.urls[0]}/breakglass", {"Cookie": self.cookie}
        self.day.tenant.session.cookie_jar.clear()  # every browser here keeps its own
        async with self.day.tenant.session.post(url, data=form, allow_redirects=False, headers=headers) as answer:
            assert answer.status in (200, 400, 403, 410, 503), "a browser would hold a redirect against form-action"
            self.page = unescape(await answer.text())
            return self.page


@NIGHT
async def test_through_the_page(day: Office) -> None:
    """A person signs in twice, once for the page and once for the deed, and the glass is broken with their own
    token."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2")
    form = await browser.open("/breakglass")
    assert "Wipe PC-1" in form
    page = await browser.send(request=request.id)

    assert "The glass is broken" in page
    after = await now(day)
    assert after.decision is Decision.BROKEN_GLASS
    assert intune_status(day, after) == "approved"
    [entry] = await day.audit(Kind.GLASS_BROKEN)
    assert (entry.name, entry.identified) == ("Emergency Admin 2", "signed-token")
    assert "Emergency Admin 2 broke the glass" in text_of(day.card().card)


@NIGHT
async def test_a_shared_account_at_the_page(day: Office) -> None:
    """A shared account must name its custodian on the page as well."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-1")
    form = await browser.open("/breakglass")
    assert "Marc Meyer" in form
    assert "which of its custodians" in await browser.send(request=request.id)
    await browser.open("/breakglass")
    await browser.send(request=request.id, acting=day.tenant.world.user("marc").id)
    assert (await now(day)).decision is Decision.BROKEN_GLASS


@NIGHT
async def test_who_may_not_come_in(day: Office) -> None:
    """A person who is not listed sees none of the waiting requests."""
    await wipe_waits(day)
    for name in ("otto", "dana", "marc"):
        page = await Browser(day, name).open("/breakglass")
        assert "not one of those that may break glass" in page, name
        assert "PC-1" not in page, name


@NIGHT
async def test_the_same_rules_hold(day: Office) -> None:
    """The page checks the justification and the name, and refuses an old form or one of another browser. It keeps what
    was typed."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2")
    first = await browser.open("/breakglass")
    again = await browser.send(request=request.id, why="x" * 40)
    assert "at least 20 characters" in again
    assert "x" * 40 in again
    assert f'value="{request.id} ' in again
    assert "not the one of what this is about" in await browser.send(request=request.id, name="PC-2")
    browser.page = first
    assert "has expired" in await browser.send(request=request.id)
    await browser.open("/breakglass")
    browser.cookie = browser.cookie[:-4] + "aaaa"
    assert "has expired" in await browser.send(request=request.id)
    assert (await now(day)).glass == ()
    assert [entry.identified for entry in await day.audit(Kind.REFUSED)] == ["signed-token"] * 2


@NIGHT
async def test_somebody_else_signs_in_for_the_deed(day: Office) -> None:
    """If another account signs in for the deed, nothing is done."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2")
    await browser.open("/breakglass")
    browser.name = "emergency-admin-1"
    assert "another account" in await browser.send(request=request.id)
    assert (await now(day)).glass == ()


@NIGHT
async def test_a_drill_at_the_page(day: Office) -> None:
    """A drill on the page is marked as a drill."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2")
    await browser.open("/breakglass")
    assert "Drill" in await browser.send(request=request.id, drill="yes")
    assert (await now(day)).decision is Decision.OPEN
    assert (await now(day)).glass[0].drill


@day_with(night=True, prepare=without_teams, emergency={"authenticationContext": "c1"})
async def test_with_a_strength_of_authentication(day: Office) -> None:
    """With an authentication context, the page lets in a person whom Entra has asked for the stronger proof."""
    await wipe_waits(day)
    day.tenant.entra.faults.second_factor.add(day.tenant.world.user("emergency-admin-2").id)
    browser = Browser(day, "emergency-admin-2")
    assert "Wipe PC-1" in await browser.open("/breakglass")


@day_with(night=True, prepare=without_teams, bypass=False)
async def test_where_it_is_switched_off(day: Office) -> None:
    """Where break-glass is switched off, the page lets nobody in."""
    await wipe_waits(day)
    assert "switched off" in await Browser(day, "emergency-admin-2").open("/breakglass")


STRONG = day_with(night=True, prepare=without_teams, emergency={"authenticationContext": "c1"})


@STRONG
async def test_a_browser_that_drops_what_entra_has_to_prove(day: Office) -> None:
    """A person who removes the authentication context from the address is not let in."""
    await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2", drops="claims")
    page = await browser.open("/breakglass")
    assert "Entra wants more proof" in page
    assert "PC-1" not in page


@NIGHT
async def test_what_changed_while_they_read(day: Office) -> None:
    """If the request changes while the person reads the form, the glass is not broken."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2")
    await browser.open("/breakglass")
    await another_wipe_is_meant(day, request)
    page = await browser.send(request=request.id)
    assert "has changed" in page
    assert (await now(day)).glass == ()


@day_with(night=True, asking=True, prepare=without_teams)
async def test_an_operation_at_the_page(day: Office) -> None:
    """A person who requests an operation and breaks the glass in one step does not decide it."""
    browser = Browser(day, "emergency-admin-2")
    assert "Wipe" in await browser.open("/breakglass")
    shown = await browser.fill(act="wipe", device="PC-1")
    for told in ("Wipe PC-1", "reset to factory settings", "Serial number"):
        assert told in shown
    assert await day.bot.store.requests.open_ids() == ()
    page = await browser.open(re.findall(r'href="([^"]*/signin/[^"]+)"', shown)[0])
    await day.work()

    assert "The glass is broken" in page
    after = await now(day)
    assert (after.decision, after.needs_one, after.subject.target) == (Decision.OPEN, True, "PC-1")
    kinds = [entry.kind for entry in await day.audit(Kind.ASKED, Kind.GLASS_BROKEN, Kind.REVIEW_OPENED)]
    assert kinds == [Kind.ASKED, Kind.GLASS_BROKEN, Kind.REVIEW_OPENED]


@day_with(night=True, asking=True, alone=["emergency-admin-2"], prepare=without_teams)
async def test_one_person_alone_at_the_page(day: Office) -> None:
    """With the emergency process one person can act alone from the page, by the token of that sign-in."""
    browser = Browser(day, "emergency-admin-2")
    await browser.open("/breakglass")
    page = await browser.send(act="wipe", device="PC-1")
    assert "Intune has been told to wipe PC-1" in page
    assert wipes(day) == 1
    assert (await now(day)).glass[-1].way is Way.EXECUTED


@day_with(night=True, asking=True, prepare=without_teams)
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"act": "wipe", "device": "PC-404"}, 'There is no device "PC-404"'),
        ({"act": "wipe", "device": "PC-1", "name": "PC-2"}, "is not the name of what this is about"),
        ({"act": "wipe", "device": "PC-1", "why": "stolen"}, "at least 20 characters"),
        ({}, "Please choose a request"),
    ],
    ids=["no device", "another name", "no reason", "no choice"],
)
async def test_what_is_wrong_with_an_operation(day: Office, fields: dict[str, str], said: str) -> None:
    """What is wrong with an operation is said in a sentence on the page, and nothing is requested."""
    browser = Browser(day, "emergency-admin-2")
    await browser.open("/breakglass")
    assert said in await browser.send(**fields)
    assert await day.bot.store.requests.open_ids() == ()


@NIGHT
async def test_who_was_not_let_in_is_recorded(day: Office) -> None:
    """A person who was not let in is recorded in the audit, although there is no request."""
    await Browser(day, "otto").open("/breakglass")
    [entry] = await day.audit(Kind.REFUSED)
    assert (entry.who, entry.evidence["page"]) == (day.tenant.world.user("otto").id, "/breakglass")


async def writes(day: Office) -> int:
    """Return how often anything was written to Redis."""
    async with Redis.from_url(day.redis_url) as server:
        return int((await server.info("persistence"))["rdb_changes_since_last_save"])


@NIGHT
async def test_nothing_is_stored_before_somebody_has_signed_in(day: Office) -> None:
    """Nothing is stored before a person has signed in, whatever links or callbacks strangers invent."""
    browser, before = Browser(day, ""), await writes(day)
    origin, session = day.urls[0], day.tenant.session
    for _ in range(3):
        async with session.get(f"{origin}/breakglass", allow_redirects=False) as door:
            onward = f"{origin}{door.headers['Location']}"
        async with session.get(onward, allow_redirects=False) as begun:
            state = URL(begun.headers["Location"]).query["state"]
            browser.cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in begun.cookies.items())
        session.cookie_jar.clear()
        for query in (
            "error=access_denied",
            "code=invented",
            "error=interaction_required&error_description=AADSTS50076",
        ):
            assert (
                "Try again" in await browser.open(f"/signin/callback?{query}&state={state}")
                or "Continue" in browser.page
            )
        assert "began elsewhere" in await browser.open("/signin/callback?code=x&state=invented")
        assert "used up" in await browser.open(f"/signin/{'x' * 40}")
        async with session.post(
            f"{origin}/breakglass", data={"state": state}, headers={"Cookie": browser.cookie}
        ) as posted:
            assert posted.status == 410

    assert await writes(day) == before


@NIGHT
async def test_the_form_uses_up_no_link(day: Office) -> None:
    """A form that carries the state of a sign-in is refused, and the sign-in link stays usable."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2")
    await browser.open("/breakglass")
    [link] = re.findall(r'href="([^"]*/signin/[^"]+)"', await browser.fill(request=request.id))
    async with day.tenant.session.get(link, allow_redirects=False, headers={"Cookie": browser.cookie}) as begun:
        state = URL(begun.headers["Location"]).query["state"]

    assert "has expired" in await browser.fill(request=request.id, state=state)
    assert "The glass is broken" in await browser.open(link)


@NIGHT
async def test_a_retry_at_the_door(day: Office) -> None:
    """A person whose first sign-in failed finds a link to try again."""
    request = await wipe_waits(day)
    browser = Browser(day, "emergency-admin-2")
    await browser.open("/breakglass")
    fresh = Browser(day, "emergency-admin-2")
    fresh.cookie = browser.cookie
    async with day.tenant.session.get(f"{day.urls[0]}/breakglass", allow_redirects=False) as door:
        onward = door.headers["Location"]
    headers = {"Cookie": browser.cookie}
    async with day.tenant.session.get(f"{day.urls[0]}{onward}", allow_redirects=False, headers=headers) as begun:
        state = URL(begun.headers["Location"]).query["state"]
    page = await fresh.open(f"/signin/callback?error=server_hiccup&state={state}")
    assert "did not work" in page
    assert "Wipe PC-1" in await fresh.open(re.findall(r'href="(/signin/[^"]+)"', page)[0])
    assert "The glass is broken" in await fresh.send(request=request.id)


@NIGHT
async def test_what_is_not_the_form(day: Office) -> None:
    """A body that no browser sends from our form is refused with 400."""
    form = "application/x-www-form-urlencoded"
    parts = b'--x\r\nContent-Disposition: form-data; name="why"\r\n\r\nx\r\n--x--\r\n'
    for kind, body in (
        ("multipart/form-data; boundary=x", parts),
        ("application/json", b"{}"),
        (f"{form}; charset=nonsense", b"why=%ff"),
        (form, b"why=%ed%a0%80"),
        (form, b"why=\xff"),
        (form, b"&".join(b"a=1" for _ in range(100))),
    ):
        url, headers = f"{day.urls[0]}/breakglass", {"Content-Type": kind}
        async with day.tenant.session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 400, kind
            assert "not the form of this page" in await answer.text(), kind


@day_with(night=True, prepare=without_teams, own_server=True)
async def test_the_page_when_redis_is_gone(day: Office) -> None:
    """If Redis is away, the page says that something does not answer."""
    browser = Browser(day, "emergency-admin-2")
    await browser.open("/breakglass")
    assert day.server is not None
    await day.server.stop()
    assert "does not answer" in await browser.fill()
    assert "does not answer" in await browser.open("/breakglass")
    assert "does not answer" in await browser.open(f"/signin/{'x' * 40}")
