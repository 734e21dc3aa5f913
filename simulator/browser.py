"""A person's browser on the sign-in page: from the link on the card, through Entra, to the last words."""

import html
import re
from urllib.parse import urljoin

import aiohttp

_TAGS = re.compile(r"<(style|script).*?</\1>|<[^>]+>", re.DOTALL)
_ONWARD = re.compile(r'href="(/signin/[^"]+)"')

MOST_PROOFS = 3
"""So often somebody goes on where they are asked for more proof."""


async def sign_in(session: aiohttp.ClientSession, name: str, url: str) -> str:
    """Open the link and sign in as the person of that first name; the text of the page that it ends on.

    Where the page asks for more proof they go on. `session` trusts the tenant's certificates and keeps no cookies of
    others: the one that matters is passed on here.
    """
    for _ in range(MOST_PROOFS):
        page = await _once(session, name, url)
        onward = _ONWARD.search(page)
        if onward is None:
            break
        url = urljoin(url, html.unescape(onward[1]))
    return _text(page)


async def _once(session: aiohttp.ClientSession, name: str, url: str) -> str:
    """The page on which it ends, as it is."""
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
