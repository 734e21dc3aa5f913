"""`/breakglass` over https: the emergency path for accounts that have no Teams.

`GET` sends the browser to Entra, which tells who it is; then a form shows what waits. `POST` takes the form once, from
the same browser, and sends it to Entra again, so that what is then done is done with a token of that very moment.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from html import escape

import structlog
from aiohttp import web

from bot.teams import signin_html as html
from bot.teams.signin import Nonces, Purpose
from bot.teams.signin_html import Page
from bot.teams.signin_page import DOOR, browser_of
from bot.teams.signin_seal import Seal
from handlers.door import Lobby
from handlers.ports import PortError

LARGEST_FORM = 16_384
"""Bytes; a justification is at most 800 characters."""

_FORM = "door-form"

Entered = Callable[[str], Awaitable[Lobby | str]]
"""What this account may choose from, or why it may not."""

Typed = Callable[[str, Mapping[str, str], str], Awaitable[tuple[str, str]]]
"""Where to go on with what this account filled in (takes what Entra has to prove), or why not."""

_CLOSED = "Nobody can come in here"
_AWAY = Page(503, "Something that this needs does not answer", "Nothing was done. Please try again in a minute.")

log = structlog.get_logger(__name__)


class DoorPage:
    """The door. `claims` is what Entra has to prove of everybody who comes in, such as a strength of authentication."""

    def __init__(self, nonces: Nonces, seal: Seal, entered: Entered, typed: Typed, *, claims: str) -> None:
        self._nonces = nonces
        self._seal = seal
        self._entered = entered
        self._typed = typed
        self._claims = claims

    def routes(self) -> list[web.RouteDef]:
        """The one address, to be looked at and to be posted to."""
        return [web.get("/breakglass", self._begin), web.post("/breakglass", self._post)]

    async def enter(self, account: str, browser: str) -> web.Response:
        """The form, for somebody who has just proved who they are."""
        try:
            lobby = await self._entered(account)
        except PortError as error:
            log.warning("door_met_trouble", error=str(error))
            return html.response(_AWAY)
        if isinstance(lobby, str):
            log.warning("door_closed", account=account)
            return html.response(Page(403, _CLOSED, lobby))
        if not lobby.waiting:
            return html.response(Page(200, "Nothing waits", "There is no request whose approval could be set aside."))
        nonce = await self._nonces.create(asdict(Purpose("", account, _FORM)))
        text = "Everybody who could have decided hears of it, and somebody else reviews it."
        return html.form(Page(200, "Break glass", text), _fields(lobby, self._seal.state(nonce, browser)))

    async def _begin(self, _request: web.Request) -> web.Response:
        nonce = await self._nonces.create(asdict(Purpose("", "", DOOR, self._claims)))
        return web.Response(status=303, headers={**html.HEADERS, "Location": f"/signin/{nonce}"})

    async def _post(self, request: web.Request) -> web.Response:
        if (request.content_length or LARGEST_FORM + 1) > LARGEST_FORM:
            return html.response(Page(413, "That is too much", "Nothing was done."))
        sent = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        browser = browser_of(request)
        nonce = self._seal.nonce_of(sent.get("state", ""), browser) if browser else None
        kept = await self._nonces.consume(nonce) if nonce else None
        if kept is None or kept["verb"] != _FORM:
            return html.response(html.TOO_OLD)
        try:
            onward, refusal = await self._typed(kept["person"], sent, self._claims)
        except PortError as error:
            log.warning("door_met_trouble", error=str(error))
            return html.response(_AWAY)
        if refusal:
            again = Page(400, "Nothing was done", refusal, "Begin again")
            return html.response(again, "/breakglass")
        return web.Response(status=303, headers={**html.HEADERS, "Location": onward})


def _fields(lobby: Lobby, state: str) -> str:
    requests = "".join(
        f'<label><input type="radio" name="request" value="{escape(one.id)}" required> {escape(one.told)}</label>'
        for one in lobby.waiting
    )
    people = "".join(
        f'<label><input type="radio" name="acting" value="{escape(account)}" required> {escape(name)}</label>'
        for name, account in lobby.custodians.items()
    )
    ticket = '<label for="ticket">Ticket</label><input type="text" id="ticket" name="ticket" required maxlength="64">'
    return "".join(
        [
            f'<input type="hidden" name="state" value="{escape(state)}"><p>Which request?</p>{requests}',
            f"<p>This account is shared. Who are you?</p>{people}" if people else "",
            (
                '<label for="why">What is the emergency? (at least 20 characters; everybody sees it)</label>'
                '<textarea id="why" name="why" rows="4" required minlength="20" maxlength="800"></textarea>'
            ),
            ticket if lobby.ticket else "",
            (
                '<label for="name">Type the name of what this is about</label>'
                '<input type="text" id="name" name="name" required maxlength="256" autocomplete="off">'
            ),
            '<label><input type="checkbox" name="drill" value="yes"> This is a drill</label>',
            "<button>Break the glass</button>",
        ]
    )
