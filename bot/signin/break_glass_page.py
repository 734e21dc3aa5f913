"""`/breakglass` over https: the emergency path for accounts without Teams.

`GET` sends the browser to Entra to sign in; until then nothing is stored. Then a form shows the open requests. `POST`
takes the form once, from the same browser, and shows what will be done. The next step is another sign-in, so that the
action uses a fresh token. That page is not a redirect, because browsers apply `form-action` to all redirects after a
form.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from html import escape
from urllib.parse import parse_qsl

import structlog
from aiohttp import web

from approvals.justification import LEAST_JUSTIFICATION, LONGEST_JUSTIFICATION
from bot.signin import html
from bot.signin.exchange import Nonces, SignInPurpose
from bot.signin.html import HtmlPage
from bot.signin.page import browser_of
from bot.signin.seal import Seal
from handlers.emergency_page.deed import Deed
from handlers.emergency_page.lobby import Lobby

LARGEST_FORM = 16_384
"""Bytes; a justification is at most 800 characters."""

MOST_FIELDS = 20
"""The form has at most nine."""

_FORM = "emergency-form"

Entered = Callable[[str], Awaitable[Lobby | str]]
"""Returns what this account may choose from, or why it may not come in."""

Typed = Callable[[str, Mapping[str, str], str], Awaitable[Deed | str]]
"""Checks what this account filled in (takes the authentication context to be proved), or returns what is missing."""

_CLOSED = "Nobody can come in here"
_TOO_OLD = HtmlPage(
    410, "This page has expired", "It was sent already, or is more than a few minutes old.", "Begin again"
)
_NO_FORM = HtmlPage(400, "This is not the form of this page", "Nothing was done.", "Begin again")
_WHY = f"What is the emergency? (at least {LEAST_JUSTIFICATION} characters; everybody sees it)"
_TELLS = "Everybody who could have decided hears of it, and somebody else reviews it."

log = structlog.get_logger(__name__)


class EmergencyPage:
    """The emergency page. `context` is the authentication context that Entra has to confirm for everybody, if any."""

    def __init__(
        self,
        nonces: Nonces,
        seal: Seal,
        entered: Entered,
        typed: Typed,
        *,
        context: str,
        clock: Callable[[], float],
    ) -> None:
        self._nonces = nonces
        self._seal = seal
        self._entered = entered
        self._typed = typed
        self._context = context
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the one address, for `GET` and `POST`."""
        return [web.get("/breakglass", self._begin), web.post("/breakglass", html.in_words(self._post))]

    async def enter(self, account: str, browser: str) -> web.Response:
        """Return the form, for a person who has just signed in."""
        return await self._form(account, browser, {}, "")

    async def _begin(self, _request: web.Request) -> web.Response:
        location = f"/signin/{self._seal.door_pass(self._clock())}"
        return web.Response(status=303, headers={**html.HEADERS, "Location": location})

    async def _post(self, request: web.Request) -> web.Response:
        if (request.content_length or LARGEST_FORM + 1) > LARGEST_FORM:
            return html.response(HtmlPage(413, "That is too much", "Nothing was done."))
        sent = await _sent(request)
        if sent is None:
            return html.response(_NO_FORM, "/breakglass")
        browser = browser_of(request)
        nonce = self._seal.nonce_of(sent.get("state", ""), browser) if browser else None
        kept = await self._used_up(nonce) if nonce else None
        if kept is None:
            return html.response(_TOO_OLD, "/breakglass")
        deed = await self._typed(kept["person"], sent, self._context)
        if isinstance(deed, str):
            return await self._form(kept["person"], browser, sent, deed)
        return html.response(
            HtmlPage(200, deed.title, deed.stakes, "Sign in and break the glass"), deed.onward, deed.facts
        )

    async def _used_up(self, nonce: str) -> Mapping[str, str] | None:
        """Return what was stored for a form's nonce, and use it up. Other kinds of nonces are left alone."""
        kept = await self._nonces.peek(nonce)
        return await self._nonces.consume(nonce) if kept and kept["verb"] == _FORM else None

    async def _form(self, account: str, browser: str, sent: Mapping[str, str], trouble: str) -> web.Response:
        """Return the form, filled in with what was typed before."""
        lobby = await self._entered(account)
        if isinstance(lobby, str):
            log.warning("door_closed", account=account)
            return html.response(HtmlPage(403, _CLOSED, lobby))
        if not lobby.waiting and not lobby.acts:
            return html.response(
                HtmlPage(200, "Nothing waits", "There is no request whose approval could be set aside.")
            )
        nonce = await self._nonces.create(asdict(SignInPurpose("", account, _FORM)))
        page = HtmlPage(400, "Nothing was done", trouble) if trouble else HtmlPage(200, "Break glass", _TELLS)
        return html.form(page, fields(lobby, self._seal.state(nonce, browser), sent))


async def _sent(request: web.Request) -> Mapping[str, str] | None:
    """Return the form's fields, `None` for any other content type: other kinds of forms may be compressed, and in any
    encoding that Python knows."""
    if request.content_type != "application/x-www-form-urlencoded":
        return None
    try:
        written = (await request.read()).decode("ascii")
        return dict(parse_qsl(written, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError:
        return None


def fields(lobby: Lobby, state: str, sent: Mapping[str, str]) -> str:
    """Return the form as HTML, filled in with `sent`; `state` binds it to its browser."""
    needed = f'required minlength="{LEAST_JUSTIFICATION}" maxlength="{LONGEST_JUSTIFICATION}"'
    return "".join(
        [
            f'<input type="hidden" name="state" value="{escape(state)}">',
            *_requests(lobby, sent),
            *_operations(lobby, sent),
            *_custodians(lobby, sent),
            f'<label for="why">{_WHY}</label>',
            f'<textarea id="why" name="why" rows="4" {needed}>{escape(sent.get("why", ""))}</textarea>',
            _text("ticket", "Ticket", sent, most=64) if lobby.ticket else "",
            _text("name", "Type the name of the device, or of what the request is about", sent),
            _choice("checkbox", "drill", "yes", "This is a drill", sent),
            "<button>Go on</button>",
        ]
    )


def _requests(lobby: Lobby, sent: Mapping[str, str]) -> list[str]:
    """List the requests, each with the fingerprint of what is shown. A forged one only causes a refusal."""
    if not lobby.waiting:
        return []
    choices = [_choice("radio", "request", f"{one.id} {one.fingerprint}", one.told, sent) for one in lobby.waiting]
    return ["<h2>A request that waits</h2>", *choices]


def _operations(lobby: Lobby, sent: Mapping[str, str]) -> list[str]:
    if not lobby.acts:
        return []
    none = [_choice("radio", "request", "", "An operation instead:", sent)] if lobby.waiting else []
    acts = [_choice("radio", "act", act, act.value.capitalize(), sent) for act in lobby.acts]
    device = _text("device", "Device: its name, its serial number or its user", sent, required=False)
    return ["<h2>An operation on a device</h2>", *none, *acts, device]


def _custodians(lobby: Lobby, sent: Mapping[str, str]) -> list[str]:
    if not lobby.custodians:
        return []
    people = [_choice("radio", "acting", account, name, sent, required=True) for account, name in lobby.custodians]
    return ["<h2>This account is shared. Who are you?</h2>", *people]


def _choice(kind: str, name: str, value: str, label: str, sent: Mapping[str, str], *, required: bool = False) -> str:
    chosen = (" checked" if sent.get(name) == value else "") + (" required" if required else "")
    return f'<label><input type="{kind}" name="{name}" value="{escape(value)}"{chosen}> {escape(label)}</label>'


def _text(name: str, label: str, sent: Mapping[str, str], *, most: int = 256, required: bool = True) -> str:
    needed = " required" if required else ""
    return (
        f'<label for="{name}">{escape(label)}</label><input type="text" id="{name}" name="{name}"{needed} '
        f'maxlength="{most}" autocomplete="off" value="{escape(sent.get(name, ""))}">'
    )
