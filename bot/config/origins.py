"""The https origins that the bot's token may be sent to."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from yarl import URL

from handlers.ports.errors import Unreachable

# A DNS host name. Other forms of hosts in URLs never get a token.
_HOST = re.compile(r"[a-z0-9.-]+")


def is_same_address(one: object, other: str) -> bool:
    """Return whether both are the same address, ignoring a final slash and the case.

    Teams' tokens and activities do not always write it the same way (teams.net#549, teams.net#553).
    """
    try:
        return isinstance(one, str) and _canonical(one) == _canonical(other)
    except ValueError:
        return False


class ServiceOrigins:
    """The allow-list. An entry is `https://host`, `https://host:port`, or `https://*.domain` for all hosts below it."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._exact: set[tuple[str, int | None]] = set()
        self._below: list[tuple[str, int | None]] = []
        for origin in origins:
            self._add(URL(origin), origin)

    def base(self, service_url: str) -> URL:
        """Return the address to use, with a final slash. Raises `Unreachable` if it is not allowed.

        The parsed address is both checked and returned, so that no other parser can read it differently.
        """
        try:
            url = URL(service_url)
            allowed = self._allows(url)
        except ValueError:
            allowed = False
        if not allowed:
            raise Unreachable("the conversation's service address is not on the list of allowed origins")
        return url.with_path(url.raw_path.rstrip("/") + "/", encoded=True)

    def _add(self, url: URL, origin: str) -> None:
        if url.scheme != "https" or not url.host or url.path not in {"", "/"}:
            raise ValueError(f'"{origin}" is not an https origin such as https://smba.trafficmanager.net')
        if url.host.startswith("*."):
            self._below.append((url.host[1:], url.port))
        elif "*" in url.host:
            raise ValueError(f'"{origin}" must begin with https://*. to allow all hosts below a domain')
        else:
            self._exact.add((url.host, url.port))

    def _allows(self, url: URL) -> bool:
        host = url.host or ""
        if url.scheme != "https" or not _HOST.fullmatch(host) or url.user or url.password:
            return False
        if url.query_string or url.fragment:
            return False
        return (host, url.port) in self._exact or any(
            host.endswith(domain) and url.port == port for domain, port in self._below
        )


def _canonical(address: str) -> SplitResult:
    """Return an address's parts for comparison only: host and path without case, no final slash, the rest unchanged."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path.removesuffix("/").casefold())
