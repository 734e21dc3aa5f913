"""Where Redis is, as one address says it.

`redis://host`, `rediss://host` and `unix:///path` are redis-py's own. On top of them
`redis+cluster://host:port,host:port` and `redis+sentinel://host:port,host:port/service/database` (`rediss+…` for TLS).
`?wait_ms=…` asks that a replica confirms every decision within so many milliseconds.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

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


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address. `plain_url` is one that redis-py understands. What holds a password shows in no log."""

    topology: Topology
    hosts: tuple[tuple[str, int], ...]
    service: str
    replica_wait_ms: int
    plain_url: str = field(repr=False)
    sentinel_password: str | None = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Parse; `ValueError` for what no Redis can be reached by. The message holds no password."""
        parts = _split(url)
        if parts.scheme not in _SCHEMES:
            raise ValueError(f"a Redis address begins with one of {', '.join(_SCHEMES)}, not with {parts.scheme!r}")
        topology = _SCHEMES[parts.scheme]
        query = dict(parse_qsl(parts.query))
        wait_ms = int(query.pop("wait_ms", 0))
        sentinel_password = query.pop("sentinel_password", None)
        if wait_ms and topology is Topology.CLUSTER:
            raise ValueError("wait_ms cannot be asked of a cluster; set min-replicas-to-write on its servers instead")
        service, _, database = parts.path.strip("/").partition("/")
        return cls(
            topology=topology,
            hosts=_hosts(parts, SENTINEL_PORT if topology is Topology.SENTINEL else REDIS_PORT),
            service=service or "mymaster",
            replica_wait_ms=wait_ms,
            plain_url=_plain_url(parts, topology, database, query),
            sentinel_password=sentinel_password,
        )


def _plain_url(parts: SplitResult, topology: Topology, database: str, query: dict[str, str]) -> str:
    """An address that redis-py understands, of the first server if there are several."""
    if topology is Topology.SINGLE:
        return parts._replace(query=urlencode(query)).geturl()
    first = parts.netloc.partition(",")[0]
    scheme = parts.scheme.partition("+")[0]
    return SplitResult(scheme, first, f"/{database}", urlencode(query), "").geturl()


def _split(url: str) -> SplitResult:
    """As `urlsplit`, which since Python 3.11.12 refuses an IPv6 address that stands in a list."""
    scheme, _, rest = url.partition("://")
    netloc = re.split("[/?#]", rest, maxsplit=1)[0]
    return urlsplit(f"{scheme}://{rest[len(netloc) :]}")._replace(netloc=netloc)


def _hosts(parts: SplitResult, default_port: int) -> tuple[tuple[str, int], ...]:
    netlocs = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
    return tuple((netloc.hostname or "localhost", netloc.port or default_port) for netloc in netlocs)
