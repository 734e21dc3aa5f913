"""Start the program without the seconds that its imports take: it is forked from an interpreter that has done them.

The program is `bot.__main__` with its own arguments, environment, directory and pipes, and it ends like any process.
Other tests start it in a new interpreter, as people do.
"""

import asyncio
import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parent.parent.parent
WARM = ("bot.__main__", "bot.cli.commands", "bot.app", "bot.emergency.server")


class Forked:
    """A running program, with those parts of `asyncio.subprocess.Process` that tests use."""

    def __init__(self, pid: int, word: asyncio.StreamReader, line: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout = asyncio.StreamReader()
        self.stderr = asyncio.StreamReader()
        self._line = line
        self._end = asyncio.create_task(self._hear(word))

    async def wait(self) -> int:
        """Wait for the end of the program and return its status."""
        return await asyncio.shield(self._end)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Wait for the end of the program and return the rest of its output."""
        told, complained, _ = await asyncio.gather(self.stdout.read(), self.stderr.read(), self.wait())
        return told, complained

    def send_signal(self, number: int) -> None:
        """Send a signal to the program, unless it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the program at once."""
        self.send_signal(signal.SIGKILL)

    async def _hear(self, word: asyncio.StreamReader) -> int:
        self.returncode = int(await word.readline())
        self._line.close()
        return self.returncode


async def forked(arguments: list[str], environment: dict[str, str], directory: Path) -> Forked:
    """Fork the program with these arguments, environment and directory."""
    told, its_told = os.pipe()
    complained, its_complained = os.pipe()
    line = socket.socket(socket.AF_UNIX)
    line.connect(_parent())
    asked = {"arguments": arguments, "environment": environment, "directory": str(directory)}
    socket.send_fds(line, [json.dumps(asked).encode() + b"\n"], [its_told, its_complained])
    for end in (its_told, its_complained):
        os.close(end)
    word, writer = await asyncio.open_unix_connection(sock=line)
    process = Forked(int(await word.readline()), word, writer)
    for stream, pipe in ((process.stdout, told), (process.stderr, complained)):
        await _connect(stream, pipe)
    return process


async def _connect(stream: asyncio.StreamReader, pipe: int) -> None:
    protocol = asyncio.StreamReaderProtocol(stream)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(pipe, "rb", 0))


@cache
def _parent() -> str:
    """Start the interpreter that forks, once per worker, and return the address of its socket."""
    directory = tempfile.TemporaryDirectory(prefix="cs-")
    address = f"{directory.name}/parent.sock"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.forked", address], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()  # the interpreter listens now

    def end() -> None:
        process.communicate()
        directory.cleanup()

    atexit.register(end)
    return address


# --- the interpreter that forks -----------------------------------------------------------------------------------


def main(address: str) -> None:
    """Fork a program for each connection, until standard input ends."""
    for name in WARM:
        import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        line, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _look_after_one(line)
        line.close()


def _look_after_one(line: socket.socket) -> NoReturn:
    """Fork the program, report its process id, and report its status when it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, pipes, _, _ = socket.recv_fds(line, 2**20, 2)
    while not said.endswith(b"\n"):
        said += line.recv(2**20)
    pid = os.fork()
    if pid == 0:
        line.close()
        _become_the_program(json.loads(said), pipes)
    for pipe in pipes:
        os.close(pipe)
    line.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become_the_program(asked: dict[str, Any], pipes: list[int]) -> NoReturn:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for standard, pipe in enumerate((nothing, *pipes)):
        os.dup2(pipe, standard)
        os.close(pipe)
    os.chdir(asked["directory"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[1:] = asked["arguments"]
    sys.exit(import_module("bot.__main__").main())


if __name__ == "__main__":
    main(sys.argv[1])
