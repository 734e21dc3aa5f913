"""Pages for the browser: the list of people, and the returns to the application."""

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from simulator.world import User


def chooser(request: web.Request, application: str, people: Iterable[User]) -> web.Response:
    """Return a page with links to sign in as one of these people, or to decline."""
    links = "\n".join(
        f'<li><a href="{escape(str(request.rel_url.update_query(simulate_user=user.upn.split("@")[0])))}">'
        f"{escape(user.name)}</a> <small>{escape(user.upn)}</small></li>"
        for user in sorted(people, key=lambda user: user.name)
    )
    decline = escape(str(request.rel_url.update_query(simulate_error="access_denied")))
    title = f"<h1>Sign in to {escape(application)}</h1>"
    return _html("Sign in", f'{title}<ul>{links}</ul><p><a href="{decline}">Cancel</a></p>')


def sorry(text: str, status: int) -> web.Response:
    """Return an error page, without a return to the application."""
    return _html("Sorry", f"<p>{escape(text)}</p>", status)


def back(query: Mapping[str, str], answer: Mapping[str, str]) -> web.Response:
    """Return to the application in its response mode: as a redirect, or as a form that submits itself."""
    answer = {**answer, "state": query["state"]} if "state" in query else answer
    target = query["redirect_uri"]
    if query.get("response_mode") == "form_post":
        fields = "".join(f'<input type=hidden name="{escape(k)}" value="{escape(v)}">' for k, v in answer.items())
        form = f'<form method=post action="{escape(target)}">{fields}<button>Continue</button></form>'
        return _html("Working…", f"{form}<script>document.forms[0].submit()</script>")
    location = target + ("&" if "?" in target else "?") + urlencode(answer)
    return web.Response(status=302, headers={"Location": location, "Cache-Control": "no-store"})


def _html(title: str, body: str, status: int = 200) -> web.Response:
    page = f"<!doctype html><meta charset=utf-8><title>{title}</title>{body}"
    return web.Response(status=status, text=page, content_type="text/html", headers={"Cache-Control": "no-store"})
