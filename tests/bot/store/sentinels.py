"""Fake sentinels that name the primary that a test sets."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass

from tests.servers import listening

SERVICE = "approvals"


@dataclass
class Named:
    """One sentinel. It names `primary` as of failover `epoch`; if `silent`, it accepts connections and does not answer.

    `needs` is what AUTH must say: user and password, or a password alone. With `knows_auth` false the AUTH command was
    renamed: like a real server, the sentinel then repeats the arguments in its error.
    """

    primary: int
    epoch: int = 0
    silent: bool = False
    needs: tuple[str, ...] | None = None
    knows_auth: bool = True
    asked: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the connection of one client."""
        with closing(writer):
            known = self.needs is None
            while words := await _command(reader):
                if self.silent:
                    continue
                if words[0] == "AUTH" and not self.knows_auth:
                    repeated = " ".join(f"'{word}'" for word in words[1:])
                    writer.write(f"-ERR unknown command 'AUTH', with args beginning with: {repeated}\r\n".encode())
                elif words[0] == "AUTH":
                    known = self.needs == tuple(words[1:])
                    writer.write(b"+OK\r\n" if known else b"-WRONGPASS no\r\n")
                elif not known:
                    writer.write(b"-NOAUTH log in first\r\n")
                else:
                    self.asked += 1
                    writer.write(self._masters())

    def _masters(self) -> bytes:
        state = {
            "name": SERVICE,
            "ip": "localhost",
            "port": str(self.primary),
            "flags": "master",
            "config-epoch": str(self.epoch),
            "num-other-sentinels": "2",
        }
        words = [word for pair in state.items() for word in pair]
        return f"*1\r\n*{len(words)}\r\n".encode() + b"".join(f"${len(one)}\r\n{one}\r\n".encode() for one in words)


@asynccontextmanager
async def sentinels(*named: Named, tail: str = "", tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Start the sentinels and yield the address of the Redis that they watch; `tail` is its query."""
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(listening(one.serve, tls)) for one in named]
        hosts = ",".join(f"localhost:{port}" for port in ports)
        yield f"{'rediss' if tls else 'redis'}+sentinel://{hosts}/{SERVICE}?{tail}"


async def _command(reader: asyncio.StreamReader) -> list[str]:
    """Return one command as words, or no words if the client has gone."""
    if not (head := await reader.readline()):
        return []
    words = []
    for _ in range(int(head[1:])):
        length = int((await reader.readline())[1:])
        words.append((await reader.readexactly(length + 2))[:-2].decode())
    return words
