"""The plain pages that people see while they sign in. None of them names a person or a request."""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

import structlog
from aiohttp import web

from handlers.ports.errors import PortError, SignInTrouble

Serves = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger(__name__)

_STYLE = (
    ":root{color-scheme:light dark;font:1.1rem/1.5 'Segoe UI',system-ui,sans-serif}"
    "main{max-width:36rem;margin:12vh auto;padding:0 1.5rem}"
    "label{display:block;margin:1rem 0 .3rem}textarea,input[type=text]{width:100%;box-sizing:border-box;font:inherit}"
    "button{margin-top:1.5rem;font:inherit;padding:.4rem 1.2rem}h2{font-size:1.1rem;margin:1.5rem 0 0}"
    "label:has(>input[type=radio]){font-weight:normal;margin:.3rem 0}dt{font-weight:600}dd{margin:0 0 .5rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A title, what it means and what to do; `link` is the label of the next step, if there is one."""

    status: int
    title: str
    text: str
    link: str = ""


TOO_OLD = HtmlPage(
    410,
    "This sign-in link is used up",
    "It was used already or is more than a few minutes old. Go back to Teams and click the button again.",
)
OTHER_BROWSER = HtmlPage(
    400,
    "This sign-in began elsewhere",
    "It has to end in the browser in which it began, and that browser has to accept cookies from this site. "
    "Go back to Teams and click the button again.",
)
ENTRA_IS_AWAY = HtmlPage(
    503,
    "Microsoft Entra does not answer",
    "Nothing was done. Please try again in a minute.",
    "Try again",
)
AWAY = HtmlPage(
    503, "Something that this needs does not answer", "Nothing was done. Please try again in a minute.", "Try again"
)
NOT_PASSED_ON = HtmlPage(
    503,
    "You are signed in, but that was all",
    "What you asked for could not be passed on. Go back to Teams: the card shows how things stand.",
)
OF_TROUBLE = {
    SignInTrouble.NO_CONSENT: HtmlPage(
        403,
        "Your organisation has not consented yet",
        "An administrator has to allow Countersign to approve in your name. Ask for that, or decide in Intune.",
    ),
    SignInTrouble.MORE_PROOF: HtmlPage(
        403, "Microsoft Entra wants more proof", "Please continue, for instance with a second factor.", "Continue"
    ),
    SignInTrouble.BLOCKED: HtmlPage(
        403,
        "Your organisation does not let you sign in from here",
        "Conditional Access refused it. Use a device or a place that is permitted, or decide in Intune.",
    ),
    SignInTrouble.OTHER_PERSON: HtmlPage(
        403,
        "This is another account",
        "Nothing was done. Sign in with the account with which you clicked in Teams.",
        "Sign in with another account",
    ),
    SignInTrouble.INVALID: HtmlPage(
        400, "This sign-in did not work", "Nothing was done. You can try again, or click again in Teams.", "Try again"
    ),
    SignInTrouble.EXPIRED: HtmlPage(
        400, "This sign-in took too long", "Nothing was done. You can try again, or click again in Teams.", "Try again"
    ),
}


def in_words(serve: Serves) -> Serves:
    """Wrap a handler so that it answers with a page if a neighbour does not answer."""

    async def served(request: web.Request) -> web.StreamResponse:
        try:
            return await serve(request)
        except PortError as error:
            log.warning("page_met_trouble", path=request.path, error=str(error))
            return response(AWAY)

    return served


def done(sentence: str) -> HtmlPage:
    """Return the last page, with the result in one sentence."""
    return HtmlPage(200, "Done", f"{sentence} You can close this page.")


def form(page: HtmlPage, fields: str) -> web.Response:
    """Return the page with a form that is posted to its own address. `fields` is HTML with escaped text."""
    body = f'<form method="post" action="/breakglass">{fields}</form>'
    policy = HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")
    return _html(page, body, HEADERS | {"Content-Security-Policy": policy})


def response(page: HtmlPage, way_on: str = "", facts: Iterable[tuple[str, str]] = ()) -> web.Response:
    """Return the page as HTML without scripts. `way_on` is the link's target, `facts` are labels with their values."""
    listed = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in facts)
    link = f'<p><a href="{escape(way_on)}">{escape(page.link)}</a></p>' if page.link and way_on else ""
    return _html(page, (f"<dl>{listed}</dl>" if listed else "") + link, HEADERS)


def _html(page: HtmlPage, more: str, headers: Mapping[str, str]) -> web.Response:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(page.title)} - Countersign</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(page.title)}</h1><p>{escape(page.text)}</p>{more}</main></body></html>"
    )
    return web.Response(status=page.status, text=html, content_type="text/html", charset="utf-8", headers=headers)
