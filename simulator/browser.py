"""A person's browser on the sign-in page: from the link on the card, through Entra, to the last words."""

import html
import re

import aiohttp

_TAGS = re.compile(r"<(style|script).*?</\1>|<[^>]+>", re.DOTALL)


async def sign_in(session: aiohttp.ClientSession, name: str, url: str) -> str:
    """Open the link and sign in as the person of that first name; the text of the page that it ends on.

    `session` trusts the tenant's certificates and keeps no cookies of others: the one that matters is passed on here.
    """
    async with session.get(url, allow_redirects=False) as begun:
        if begun.status != 303:
            return _text(await begun.text())
        onward = begun.headers["Location"]
        cookies = "; ".join(f"{key}={morsel.value}" for key, morsel in begun.cookies.items())
    async with session.get(f"{onward}&simulate_user={name}", allow_redirects=False) as signed_in:
        if "Location" not in signed_in.headers:
            return _text(await signed_in.text())
        back = signed_in.headers["Location"]
    async with session.get(back, headers={"Cookie": cookies}) as last:
        return _text(await last.text())


def _text(page: str) -> str:
    return " ".join(html.unescape(_TAGS.sub(" ", page)).split())
