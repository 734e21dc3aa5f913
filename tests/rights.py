"""The rights in Redis as docs/configuration.md prints them. Tests give the bot exactly these."""

import re
from pathlib import Path

from redis.asyncio import Redis

from tests.servers import command

USER, PASSWORD = "countersign", "p/w+1="
ENCODED = "countersign:p%2Fw%2B1%3D"

_DOCUMENTED = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
SERVER, SENTINEL = re.findall(rf"^user {USER} on >PASSWORD (.+)$", _DOCUMENTED, re.MULTILINE)
[IN_A_CLUSTER] = re.findall(r"Cluster each node has it, with `([^`]+)`", _DOCUMENTED)


def line(rights: str) -> str:
    """Return the line of an ACL file that gives the bot these rights."""
    return f"user {USER} on >{PASSWORD} {rights}"


async def grant(server: Redis, rights: str) -> None:
    """Give the bot these rights and no others, and count from now on what it is denied."""
    await command(server, "ACL", "SETUSER", *line(rights).split()[1:])
    await server.acl_log_reset()


async def denied(server: Redis) -> set[str]:
    """Return the names of the commands and keys that the bot tried without having the right."""
    return {str(entry["object"]) for entry in await server.acl_log() if entry["username"] == USER}


def with_rights(url: str) -> str:
    """Return the address with the bot's user name and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{ENCODED}@{rest}"
