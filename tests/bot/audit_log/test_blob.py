"""Copies of the log in blob storage; the tests need Azurite, a simulator of Azure's storage."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import AioHttpTransport
from azure.storage.blob.aio import BlobServiceClient, ContainerClient, LinearRetry

from bot.audit_log.blob import BlobCopy
from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.sealer import Sealer
from handlers.ports.errors import Unavailable
from tests.bot.audit_log.logs import LATER, MORNING, SIGNER, entries, sealed, verdict
from tests.bot.audit_log.rooms import Cut, Room
from tests.servers import free_port

AZURITE = os.environ.get("COUNTERSIGN_AZURITE", "")
PROGRAM = Path(AZURITE).resolve() / "node_modules/azurite/dist/src/blob/main.js"
OPTIONS = ("--silent", "--skipApiVersionCheck", "--disableTelemetry")
ACCOUNT = "devstoreaccount1"
# Azurite's published key; it is valid for Azurite only.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

pytestmark = pytest.mark.skipif(
    not AZURITE,
    reason="needs Node.js, and COUNTERSIGN_AZURITE naming the folder of `npm install --prefix` with azurite",
)


@pytest.fixture
async def container(tmp_path: Path) -> AsyncIterator[ContainerClient]:
    """Start a separate Azurite and yield a new container in it."""
    node, port = shutil.which("node"), free_port()
    assert node is not None
    process = await asyncio.create_subprocess_exec(
        *(node, str(PROGRAM), "--blobPort", str(port), *OPTIONS, "--location", str(tmp_path)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}/{ACCOUNT}"
    try:
        await _answers(address)
        async with BlobServiceClient(address, credential=KEY, retry_total=0) as service:
            yield await service.create_container("audit")
    finally:
        process.terminate()
        await process.wait()


async def _answers(address: str) -> None:
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(address):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)  # Azurite does not report when it is ready


async def copied(container: ContainerClient, log: LogDirectory) -> None:
    """Assert that every file of the log is in the container with the same content, as an append blob."""
    for day in log.noted_days():
        for path in log.files(day):
            blob = container.get_blob_client(path.name)
            assert (await (await blob.download_blob()).readall()) == path.read_bytes()
            assert (await blob.get_blob_properties()).blob_type == "AppendBlob"


async def test_segments_arrive(container: ContainerClient, tmp_path: Path) -> None:
    """All files of the log are copied, new lines are appended, and copying again changes nothing."""
    log, some = LogDirectory(tmp_path / "log"), entries(200)
    state = sealed(log.path, some[:120])
    copy = BlobCopy(container)
    await copy.copy(log, log.noted_days())
    await copied(container, log)
    Sealer(log, [SIGNER]).seal(state, some[120:], LATER)
    await copy.copy(log, log.noted_days())
    await copy.copy(log, log.noted_days())
    await copied(container, log)


class Losing(AioHttpTransport):  # type: ignore[misc]  # the library imports this class late, without a type
    """Sends every request, and loses the answers to the first appends."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.to_lose = times
        self.refused = 0

    async def send(self, request: Any, **config: Any) -> Any:
        answer = await super().send(request, **config)
        if "comp=appendblock" in request.url:
            self.refused += answer.status_code == 412
            if self.to_lose:
                self.to_lose -= 1
                raise ServiceResponseError("the line was cut")
        return answer


@pytest.mark.parametrize("retries", [0, 3])
async def test_a_lost_answer_doubles_no_block(container: ContainerClient, tmp_path: Path, retries: int) -> None:
    """A block whose answer was lost is not appended twice. If the client repeats the append, the storage refuses it and
    the copy is compared; if it does not, copying fails and has to be repeated."""
    log, line = LogDirectory(tmp_path / "log"), Losing(2)
    sealed(log.path, entries(60))
    policy = LinearRetry(backoff=0, retry_total=retries, random_jitter_range=0)
    async with ContainerClient(
        container.url.removesuffix("/audit"), "audit", credential=KEY, transport=line, retry_policy=policy
    ) as client:
        copy = BlobCopy(client)
        for _ in range(0 if retries else 2):
            with pytest.raises(Unavailable):
                await copy.copy(log, log.noted_days())
        await copy.copy(log, log.noted_days())
    assert line.to_lose == 0
    assert line.refused == (2 if retries else 0)
    await copied(container, log)


async def test_more_there_than_here(container: ContainerClient, tmp_path: Path) -> None:
    """A blob that is longer than the local file belongs to another log: copying stops and overwrites nothing."""
    log = LogDirectory(tmp_path / "log")
    sealed(log.path, entries(10))
    await BlobCopy(container).copy(log, log.noted_days())
    for path in log.files(log.noted_days()[0]):
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LogLost):
        await BlobCopy(container).copy(log, log.noted_days())


async def test_something_else_is_there(container: ContainerClient, tmp_path: Path) -> None:
    """A blob with other content stops copying, also if it is shorter than the local file; nothing is appended to it."""
    log, other = LogDirectory(tmp_path / "log"), LogDirectory(tmp_path / "other")
    sealed(log.path, entries(30), batch=10)
    sealed(other.path, entries(10, MORNING + timedelta(minutes=1)))
    await BlobCopy(container).copy(other, other.noted_days())
    with pytest.raises(LogLost, match=r"2026-11-23\.jsonl in the blob storage is not what is here"):
        await BlobCopy(container).copy(log, log.noted_days())
    await copied(container, other)


async def test_what_somebody_appends_meanwhile_is_seen(container: ContainerClient, tmp_path: Path) -> None:
    """Lines that somebody else appended to the blob are noticed, also by a process that has compared it before."""
    log, copy = LogDirectory(tmp_path / "log"), BlobCopy(container)
    state = sealed(log.path, entries(10))
    await copy.copy(log, log.noted_days())
    await container.get_blob_client("2026-11-23.jsonl").append_block(b'{"number":11}\n')
    Sealer(log, [SIGNER]).seal(state, entries(20)[10:], LATER)
    with pytest.raises(LogLost):
        await copy.copy(log, log.noted_days())


async def test_a_sealer_that_dies_after_copying(container: ContainerClient, room: Room) -> None:
    """A sealer that dies after copying and before saving its state leaves nothing twice in the copy, also after the
    next sealing."""

    def step(done: str) -> None:
        if done == "copied":
            raise Cut

    room.shelf = BlobCopy(container)
    await room.happens(5, minutes=400)
    with pytest.raises(Cut):
        await room.replica(step).seal()
    assert (await room.store.sealed.load()).number == 0
    room.shelf = BlobCopy(container)
    await room.happens(5, minutes=400)
    await room.replica().seal()
    log = LogDirectory(room.path)
    await copied(container, log)
    assert verdict(room.path).entries == 10


async def test_a_storage_that_does_not_answer(tmp_path: Path) -> None:
    """Copying raises `Unavailable` while the storage does not answer."""
    log = LogDirectory(tmp_path / "log")
    sealed(log.path, entries(10))
    async with ContainerClient(f"http://127.0.0.1:{free_port()}/x", "audit", credential=KEY, retry_total=0) as nowhere:
        with pytest.raises(Unavailable):
            await BlobCopy(nowhere).copy(log, log.noted_days())
