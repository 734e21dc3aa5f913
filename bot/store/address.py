"""Where Redis is, as one address says it.

`redis://host`, `rediss://host` and `unix:///path` are redis-py's own. On top of them
`redis+cluster://host:port,host:port` and `redis+sentinel://host:port,host:port/service/database` (`rediss+…` for TLS).
What may follow behind the question mark is listed in docs/configuration.md.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

SENTINEL_PORT = 26379
REDIS_PORT = 6379


class Topology(Enum):
    """How the servers behind an address belong together."""

    SINGLE = auto()
    SENTINEL = auto()
    CLUSTER = auto()


_SCHEMES = {
    "redis": Topology.SINGLE,
    "rediss": Topology.SINGLE,
    "unix": Topology.SINGLE,
    "redis+sentinel": Topology.SENTINEL,
    "rediss+sentinel": Topology.SENTINEL,
    "redis+cluster": Topology.CLUSTER,
    "rediss+cluster": Topology.CLUSTER,
}


_OURS = ("wait_ms", "sentinel_username", "sentinel_password")
_TLS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname", "ssl_cert_reqs")
_PARAMETERS = (*_OURS, *_TLS, "db", "client_name", "socket_timeout", "socket_connect_timeout", "socket_keepalive")

ENCODE = (
    "in a user or password every character that is no letter or digit is written percent-encoded: "
    "/ as %2F, + as %2B, = as %3D, @ as %40, : as %3A, ? as %3F, # as %23, % as %25"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address. `plain_url` is one that redis-py understands. What holds a password shows in no log."""

    topology: Topology
    hosts: tuple[tuple[str, int], ...]
    service: str
    replica_wait_ms: int
    plain_url: str = field(repr=False)
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Parse; `ValueError` for what no Redis can be reached by. The message holds no password."""
        parts = _split(url)
        if parts.scheme not in _SCHEMES:
            raise ValueError(f"a Redis address begins with one of {', '.join(_SCHEMES)}")
        topology = _SCHEMES[parts.scheme]
        _refuse_raw_password(parts)
        query = _query(parts)
        wait_ms = query.pop("wait_ms", "0")
        if not wait_ms.isdecimal():
            raise ValueError("wait_ms is a whole number of milliseconds")
        service, _, database = parts.path.strip("/").partition("/")
        return cls(
            topology=topology,
            hosts=_hosts(parts, SENTINEL_PORT if topology is Topology.SENTINEL else REDIS_PORT),
            service=unquote(service) or "mymaster",
            replica_wait_ms=int(wait_ms),
            sentinel_username=query.pop("sentinel_username", None),
            sentinel_password=query.pop("sentinel_password", None),
            plain_url=_plain_url(parts, topology, database, query),
        )


def _refuse_raw_password(parts: SplitResult) -> None:
    """Refuse an address that a password has cut apart: what stands behind it was not meant as a path or a question."""
    if parts.scheme == "unix":
        return
    names = {pair.partition("=")[0] for pair in parts.query.split("&") if pair}
    behind = parts.path if names <= set(_PARAMETERS) else parts.path + parts.query
    if parts.fragment or ("@" not in parts.netloc and "@" in behind):
        raise ValueError(ENCODE)


def _query(parts: SplitResult) -> dict[str, str]:
    """What stands behind the question mark; `ValueError` for what is not known or switches a check off."""
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(query.keys() - set(_PARAMETERS)):
        raise ValueError(f"a Redis address knows no {', '.join(unknown)}; it knows {', '.join(_PARAMETERS)}")
    if not parts.scheme.startswith("rediss") and (said := sorted(query.keys() & set(_TLS))):
        raise ValueError(f"{', '.join(said)} needs TLS: the address begins with rediss")
    if query.get("ssl_cert_reqs", "required") != "required":
        raise ValueError("the server's certificate is always checked; name its authority in ssl_ca_certs")
    return query


def _plain_url(parts: SplitResult, topology: Topology, database: str, query: dict[str, str]) -> str:
    """An address that redis-py understands, of the first server if there are several."""
    if topology is Topology.SINGLE:
        return parts._replace(query=urlencode(query)).geturl()
    user, at, hosts = parts.netloc.rpartition("@")
    first = user + at + hosts.partition(",")[0]
    scheme = parts.scheme.partition("+")[0]
    return SplitResult(scheme, first, f"/{database}", urlencode(query), "").geturl()


def _split(url: str) -> SplitResult:
    """As `urlsplit`, which since Python 3.11.12 refuses an IPv6 address that stands in a list."""
    scheme, _, rest = url.partition("://")
    netloc = re.split("[/?#]", rest, maxsplit=1)[0]
    return urlsplit(f"{scheme}://{rest[len(netloc) :]}")._replace(netloc=netloc)


def _hosts(parts: SplitResult, default_port: int) -> tuple[tuple[str, int], ...]:
    try:
        netlocs = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
        return tuple((netloc.hostname or "localhost", netloc.port or default_port) for netloc in netlocs)
    except ValueError:  # its message would hold what stands there, which may be a part of a password
        raise ValueError(f"a port is a number below 65536; {ENCODE}") from None
