"""The address of Redis. Only this module parses it, and no message contains a part of it.

`redis://host`, `rediss://host` and `unix:///path` have the same meaning as in redis-py. In addition there are
`redis+cluster://host:port,host:port` and `redis+sentinel://host:port,host:port/service/database` (`rediss+…` for TLS).
The parameters after the question mark are listed in docs/configuration.md.

A password with a reserved character splits an address in the wrong place: part of it becomes a host, a path or a
parameter (redis-py#579, the access keys of Azure). So no message here repeats anything from the address, and no error
is raised while handling another one that does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import unquote_to_bytes

SENTINEL_PORT = 26379
REDIS_PORT = 6379


class Topology(Enum):
    """How the servers behind an address are organized."""

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

ENCODE = (
    "in the user name and the password, percent-encode every character that is not a letter or a digit: "
    "/ as %2F, + as %2B, = as %3D, @ as %40, : as %3A, ? as %3F, # as %23, [ as %5B, ] as %5D, & as %26, % as %25"
)


@dataclass(frozen=True, slots=True)
class Login:
    """User and password for a server; without a user, the server's user `default`."""

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A parsed address. Fields with passwords are left out of `repr`, and so of logs.

    `path` is a socket's path, and empty for servers on the network. `options` have redis-py's names; those that begin
    with `ssl_` exist only with `tls`.
    """

    topology: Topology
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    path: str
    service: str
    database: int
    login: Login
    sentinel_login: Login
    replica_wait_ms: int
    options: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """Parse an address. Raises `ValueError` for an invalid one. The message contains nothing from the address."""
        scheme, rest = _scheme(url.strip())
        topology = _SCHEMES[scheme]
        where, _, query = rest.partition("?")
        netloc, slash, path = where.partition("/")
        userinfo, _, listed = netloc.rpartition("@")
        parameters = _parameters(query, topology, tls=scheme.startswith("rediss"))
        is_socket = scheme == "unix"
        service, database = ("", "") if is_socket else _service(topology, path)
        return cls(
            topology=topology,
            tls=scheme.startswith("rediss"),
            hosts=() if is_socket else _hosts(topology, listed),
            path=_socket(listed, slash + path) if is_socket else "",
            service=service,
            database=_database(topology, database, parameters.pop("db", None)),
            login=_login(userinfo),
            sentinel_login=_sentinel_login(parameters),
            replica_wait_ms=parameters.pop("wait_ms", 0),
            options=MappingProxyType(parameters),
        )


def _scheme(url: str) -> tuple[str, str]:
    """Return the scheme and the rest. Raises `ValueError` if a reserved character in a password has split the
    address."""
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _SCHEMES:
        raise ValueError(f"a Redis address must begin with one of {', '.join(f'{one}://' for one in _SCHEMES)}")
    netloc = re.split("[/?#]", rest, maxsplit=1)[0]
    userinfo = netloc.rpartition("@")[0]
    # RFC 3986, 3.2.1 requires these to be encoded in a user or a password. Unencoded, some parsers end it there.
    is_cut = "#" in rest or "@" in rest[len(netloc) :] or re.search(r"[@\[\]]", userinfo)
    if is_cut or " " in rest or not rest.isprintable():
        raise ValueError(f"a character in this address is in the wrong place; {ENCODE}")
    return scheme, rest


def _decoded(text: str, *, may_hold_anything: bool = False) -> str:
    """Return percent-decoded text. Raises `ValueError` for a `%` that encodes nothing: it was meant literally."""
    raw = unquote_to_bytes(text)
    decoded = raw.decode(errors="replace")
    if re.search("%(?![0-9A-Fa-f]{2})", text) or decoded.encode() != raw:
        raise ValueError(f"a % in this address is not followed by two hexadecimal digits of a character; {ENCODE}")
    if not (may_hold_anything or decoded.isprintable()):
        raise ValueError("only a password may contain characters that cannot be printed")
    return decoded


def _login(userinfo: str) -> Login:
    username, _, password = userinfo.partition(":")
    return Login(_decoded(username) or None, _decoded(password, may_hold_anything=True) or None)


# --- hosts, sockets and databases ---------------------------------------------------------------------------------

_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+(?:%\w+)?)\]|(?P<name>[\w.-]+))(?::(?P<port>[0-9]{1,5}))?")


def _hosts(topology: Topology, listed: str) -> tuple[tuple[str, int], ...]:
    if not listed:
        raise ValueError("this address has no host; write localhost for a server on this host")
    port = SENTINEL_PORT if topology is Topology.SENTINEL else REDIS_PORT
    hosts = tuple(_host(one, port) for one in listed.split(","))
    if topology is Topology.SINGLE and len(hosts) > 1:
        raise ValueError(
            "an address with several hosts must begin with redis+sentinel:// or redis+cluster:// (rediss+… for TLS)"
        )
    return hosts


def _host(written: str, default_port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(written)
    port = int(found["port"] or default_port) if found else 0
    if not found or not 0 < port < 65536 or not _can_be_looked_up(found["name"] or ""):
        raise ValueError(f"a host must be a name or an IP address, and its port a number from 1 to 65535; {ENCODE}")
    return (found["six"] or found["name"]).lower(), port


def _can_be_looked_up(name: str) -> bool:
    """Return whether the resolver accepts the name: empty and long labels raise an error that is not an `OSError`."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return True


def _socket(before: str, path: str) -> str:
    if before or len(path) < 2:
        raise ValueError("the path of a socket must begin with a slash: unix:///path or unix://user:password@/path")
    return _decoded(path)


def _service(topology: Topology, path: str) -> tuple[str, str]:
    """Return the name of the sentinels' service, and the database as written; both may be empty."""
    if topology is not Topology.SENTINEL:
        return "", path.strip("/")
    service, _, database = path.strip("/").partition("/")
    return _decoded(service) or "mymaster", database


def _database(topology: Topology, written: str, asked: int | None) -> int:
    if written and not _is_whole(written):
        raise ValueError(f"after the hosts only a database number is allowed, for example /0; {ENCODE}")
    if written and asked is not None:
        raise ValueError("name the database after the hosts or in db, not in both")
    database = int(written or asked or 0)
    if database and topology is Topology.CLUSTER:
        raise ValueError("a cluster has no databases; remove the database number from the address")
    return database


# --- parameters ---------------------------------------------------------------------------------------------------


def _is_whole(written: str) -> bool:
    return re.fullmatch("[0-9]{1,6}", written) is not None


def _whole(written: str) -> int | None:
    return int(written) if _is_whole(written) else None


def _seconds(written: str) -> float | None:
    seconds = float(written) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", written) else 0
    return seconds or None


def _flag(written: str) -> bool | None:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(written.lower())


def _required(written: str) -> str | None:
    return written if written == "required" else None


_ANYTHING = (str, "a text that is not empty")
_PARAMETERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "wait_ms": (_whole, "a whole number of milliseconds"),
    "sentinel_username": _ANYTHING,
    "sentinel_password": _ANYTHING,
    "ssl_ca_certs": _ANYTHING,
    "ssl_certfile": _ANYTHING,
    "ssl_keyfile": _ANYTHING,
    "ssl_password": _ANYTHING,
    "ssl_check_hostname": (_flag, "true or false"),
    "ssl_cert_reqs": (
        _required,
        "required, because the certificate of the server is always checked; name its authority in ssl_ca_certs",
    ),
    "db": (_whole, "a whole number"),
    "client_name": _ANYTHING,
    "socket_timeout": (_seconds, "a number of seconds"),
    "socket_connect_timeout": (_seconds, "a number of seconds"),
    "socket_keepalive": (_flag, "true or false"),
}
"""The known parameters: how each is parsed (`None`: invalid), and the value that it needs."""


def _parameters(query: str, topology: Topology, *, tls: bool) -> dict[str, Any]:
    """Return the parameters after the question mark. Raises `ValueError` for one that is unknown or would be
    ignored."""
    found: dict[str, Any] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        if name not in _PARAMETERS:
            raise ValueError(_unknown(name))
        if name in found:
            raise ValueError(f"{name} appears twice in this address; keep one")
        found[name] = _value(name, value)
    if said := _would_be_ignored(found, topology, tls=tls):
        raise ValueError(said)
    return found


def _unknown(name: str) -> str:
    """Return the error for an unknown parameter, without its name: after an unencoded & it may be part of a
    password."""
    close = get_close_matches(name, _PARAMETERS, 1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    known = ", ".join(_PARAMETERS)
    return (
        f"a parameter after the question mark is unknown{meant}; the known parameters are {known}. The user name and "
        f"the password of the server belong before the @. If the parameter is part of a password: {ENCODE}"
    )


def _value(name: str, written: str) -> Any:
    if "+" in written:  # some parsers read it as a blank, others as a plus
        raise ValueError(f"{name} contains a +, which must be written as %2B; {ENCODE}")
    read, kind = _PARAMETERS[name]
    value = read(_decoded(written, may_hold_anything=name.endswith("password")))
    if value is None or value == "":
        raise ValueError(f"{name} must be {kind}")
    return value


def _would_be_ignored(found: Mapping[str, Any], topology: Topology, *, tls: bool) -> str:
    secure = [name for name in found if name.startswith("ssl_")]
    watched = [name for name in found if name.startswith("sentinel_")]
    if secure and not tls:
        return f"{', '.join(secure)} works only with TLS; begin the address with rediss"
    if watched and topology is not Topology.SENTINEL:
        return (
            f"{', '.join(watched)} works only with Sentinel; begin the address with redis+sentinel or rediss+sentinel"
        )
    for name, needed in _NEEDS.items():
        if name in found and needed not in found:
            return f"{name} needs {needed}, which is missing"
    return ""


_NEEDS = {"sentinel_username": "sentinel_password", "ssl_keyfile": "ssl_certfile", "ssl_password": "ssl_certfile"}


def _sentinel_login(parameters: dict[str, Any]) -> Login:
    """Return the sentinels' login. They have their own users since Redis 6.2 (apisonator#391); before, only a
    password."""
    return Login(parameters.pop("sentinel_username", None), parameters.pop("sentinel_password", None))
