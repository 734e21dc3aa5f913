"""A person's browser during sign-in: from the link on the card, through Entra, to the last page."""

import html
import re
from urllib.parse import urljoin

import aiohttp

_TAGS = re.compile(r"<(style|script).*?</\1>|<[^>]+>", re.DOTALL)
_ONWARD = re.compile(r'href="(/signin/[^"]+)"')

MOST_PROOFS = 3
"""Most rounds of a sign-in that asks for more proof."""


async def sign_in(session: aiohttp.ClientSession, name: str, url: str) -> str:
    """Open the link, sign in as the person of that first name, and return the text of the last page.

    Continues where a page asks for more proof. `session` must trust the tenant's certificates and keep no cookies:
    the needed cookie is passed on here.
    """
    for _ in range(MOST_PROOFS):
        page = await _once(session, name, url)
        onward = _ONWARD.search(page)
        if onward is None:
            break
        url = urljoin(url, html.unescape(onward[1]))
    return _text(page)


async def _once(session: aiohttp.ClientSession, name: str, url: str) -> str:
    """Sign in once and return the HTML of the last page."""
    async with session.get(url, allow_redirects=False) as begun:
        if begun.status != 303:
            return await begun.text()
        onward = begun.headers["Location"]
        cookies = "; ".join(f"{key}={morsel.value}" for key, morsel in begun.cookies.items())
    async with session.get(f"{onward}&simulate_user={name}", allow_redirects=False) as signed_in:
        if "Location" not in signed_in.headers:
            return await signed_in.text()
        back = signed_in.headers["Location"]
    async with session.get(back, headers={"Cookie": cookies}) as last:
        return await last.text()


def _text(page: str) -> str:
    return " ".join(html.unescape(_TAGS.sub(" ", page)).split())
