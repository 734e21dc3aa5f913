"""A web page for trying the tenant by hand: the channels as a chosen person sees them, and the portal."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from rich.console import Console

from simulator.portal import ExecutedAtOnce, Refused
from simulator.teams.buttons import actions, inputs
from simulator.teams.places import Conversation, Message
from simulator.tenant import Tenant
from simulator.terminal import WIDTH, draw

DEVICES = ("PC-2", "MAC-3", "PHONE-4")

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
pre { font: 13px/1.35 ui-monospace, monospace; overflow-x: auto; margin: .5rem 0 }
form { display: inline-block; margin: 0 .4rem .6rem 0 } button, select, input { font: inherit; padding: .2rem .7rem }
.said { background: #fff4ce; padding: .5rem 1rem } h2 { border-bottom: 1px solid #ccc; margin-top: 2rem }
"""


@dataclass(frozen=True)
class Window:
    """The page and its actions. Its visitors can act as anybody, so it is served on loopback only."""

    site: Tenant

    def app(self) -> web.Application:
        """Return the web application."""
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_post("/click", self._click)
        app.router.add_post("/portal", self._at_the_portal)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        who = self._who(request.query)
        said = request.query.get("said", "")
        link = request.query.get("link", "")
        parts = [
            f"<p class=said>{escape(said)}</p>" if said else "",
            f'<p class=said><a href="{escape(link)}">Sign in</a> (with a certificate of this machine)</p>'
            if link
            else "",
            self._people(who),
            *(self._channel(channel, who) for channel in self.site.channels.values()),
            "<h2>Intune admin center</h2>",
            *self._portal(who),
        ]
        title = "<title>A simulated tenant</title>"
        page = f'<!doctype html><html lang="en"><meta charset="utf-8">{title}<style>{_STYLE}</style>{"".join(parts)}'
        return web.Response(text=page, content_type="text/html")

    async def _click(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        who, message = self._who(form), self._message(form)
        client = self.site.teams.client(who)
        try:
            answer = await client.click(message, form["verb"], {"note": form.get("note", "")})
        except (LookupError, ValueError) as refused:
            raise _back(who, str(refused)) from None
        raise _back(who, answer.error or answer.text, answer.sign_in_url)

    async def _at_the_portal(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        who, about, portal = self._who(form), form["about"], self.site.portal
        does: Mapping[str, Callable[[], object]] = {
            "wipe": lambda: portal.file_wipe(who, about, "Requested on the test page"),
            "approve": lambda: portal.approve(who, about),
            "reject": lambda: portal.reject(who, about),
            "complete": lambda: portal.complete(who, about),
        }
        try:
            does[form["what"]]()
        except (Refused, ExecutedAtOnce) as error:
            raise _back(who, str(error)) from None
        raise _back(who, "Done. The bot polls every second.")

    def _people(self, who: str) -> str:
        names = [user.upn.split("@")[0] for user in self.site.world.users.values() if user.in_teams and user.enabled]
        options = "".join(f"<option{' selected' if name == who else ''}>{name}</option>" for name in names)
        return f'<form>I am <select name="who" onchange="this.form.submit()">{options}</select></form>'

    def _channel(self, channel: Conversation, who: str) -> str:
        shown = "".join(self._shown(message, who) for message in channel.messages if not message.deleted)
        return f"<h2>{escape(channel.name)}</h2>{shown}"

    def _shown(self, message: Message, who: str) -> str:
        card = message.card_for(self.site.world.user(who))
        if card is None:
            return f"<p>{escape(message.text)}</p>"
        return f"<pre>{escape(_as_text(card))}</pre>{''.join(_buttons(card, message, who))}"

    def _portal(self, who: str) -> Iterator[str]:
        for device in DEVICES:
            yield _form("/portal", f"Wipe {device}", who=who, what="wipe", about=device)
        for filed in self.site.graph.requests():
            yield f"<p>{escape(filed.justification)}: <b>{filed.status}</b> "
            for what in {"needsApproval": ("approve", "reject"), "approved": ("complete",)}.get(filed.status, ()):
                yield _form("/portal", what.capitalize(), who=who, what=what, about=filed.id)
            yield "</p>"

    def _who(self, said: Mapping[str, str]) -> str:
        known = {user.upn.split("@")[0] for user in self.site.world.users.values()}
        return said.get("who", "dana") if said.get("who", "dana") in known else "dana"

    def _message(self, form: Mapping[str, str]) -> Message:
        channel = self.site.connector.places.find(form["conversation"])
        message = channel.message(form["message"]) if channel else None
        if message is None:
            raise web.HTTPNotFound
        return message


def _buttons(card: dict[str, Any], message: Message, who: str) -> Iterator[str]:
    writes = any(inputs(card))
    for action in actions(card):
        title = str(action.get("title"))
        if action["type"] == "Action.OpenUrl":
            yield f'<form action="{escape(action["url"])}"><a href="{escape(action["url"])}">{escape(title)}</a></form>'
        else:
            note = '<input name="note" placeholder="Note">' if writes and action["verb"] != "back" else ""
            fields = {"who": who, "verb": action["verb"], "message": message.id, "conversation": message.conversation}
            yield _form("/click", title, note, **fields)


def _form(where: str, title: str, more: str = "", **fields: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    return f'<form method="post" action="{where}">{hidden}{more}<button>{escape(title)}</button></form>'


def _as_text(card: dict[str, Any]) -> str:
    out = StringIO()
    Console(file=out, width=WIDTH, color_system=None).print(draw({**card, "actions": []}, ""))
    return out.getvalue()


def _back(who: str, said: str, link: str = "") -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/?{urlencode({'who': who, 'said': said, 'link': link})}")
