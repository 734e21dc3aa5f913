"""Copies of the log in blob storage: Azurite, where it is at hand."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from azure.storage.blob.aio import BlobServiceClient, ContainerClient

from bot.audit_log.blob import BlobCopy
from bot.audit_log.directory import LogDirectory, LogLost
from bot.audit_log.sealer import Sealer
from handlers.ports import Unavailable
from tests.bot.audit_log.logs import LATER, SIGNER, entries, sealed
from tests.servers import free_port

AZURITE = os.environ.get("COUNTERSIGN_AZURITE", "")
PROGRAM = Path(AZURITE).resolve() / "node_modules/azurite/dist/src/blob/main.js"
OPTIONS = ("--silent", "--skipApiVersionCheck", "--disableTelemetry")
ACCOUNT = "devstoreaccount1"
# Azurite's published key; it opens nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

pytestmark = pytest.mark.skipif(
    not AZURITE,
    reason="needs Node.js, and COUNTERSIGN_AZURITE naming the folder of `npm install --prefix` with azurite",
)


@pytest.fixture
async def container(tmp_path: Path) -> AsyncIterator[ContainerClient]:
    """A fresh container in an Azurite of our own."""
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
                await asyncio.sleep(0.05)  # it tells nobody when it is ready


async def copied(container: ContainerClient, log: LogDirectory) -> None:
    """Every file there is what it is here, and is an append blob."""
    for day in log.noted_days():
        for path in log.files(day):
            blob = container.get_blob_client(path.name)
            assert (await (await blob.download_blob()).readall()) == path.read_bytes()
            assert (await blob.get_blob_properties()).blob_type == "AppendBlob"


async def test_segments_arrive(container: ContainerClient, tmp_path: Path) -> None:
    """All of them; what is new is appended, and copying again changes nothing."""
    log, some = LogDirectory(tmp_path / "log"), entries(200)
    state = sealed(log.path, some[:120])
    copy = BlobCopy(container)
    await copy.copy(log, log.noted_days())
    await copied(container, log)
    Sealer(log, [SIGNER]).seal(state, some[120:], LATER)
    await copy.copy(log, log.noted_days())
    await copy.copy(log, log.noted_days())
    await copied(container, log)


async def test_a_lost_answer_doubles_no_block(container: ContainerClient, tmp_path: Path) -> None:
    """The block was appended, and nobody heard: the next look sees it."""
    log = LogDirectory(tmp_path / "log")
    sealed(log.path, entries(60))
    day = log.noted_days()[0]
    blob = container.get_blob_client(f"{day}.jsonl")
    content = log.files(day)[0].read_bytes()
    await blob.create_append_blob()
    await blob.append_block(content[:500])  # what was taken in without an answer

    await BlobCopy(container).copy(log, log.noted_days())
    await copied(container, log)


async def test_more_there_than_here(container: ContainerClient, tmp_path: Path) -> None:
    """Then this is another log, and nothing is written over."""
    log = LogDirectory(tmp_path / "log")
    sealed(log.path, entries(10))
    await BlobCopy(container).copy(log, log.noted_days())
    for path in log.files(log.noted_days()[0]):
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LogLost):
        await BlobCopy(container).copy(log, log.noted_days())


async def test_a_storage_that_does_not_answer(tmp_path: Path) -> None:
    """Nothing counts as sealed until it does."""
    log = LogDirectory(tmp_path / "log")
    sealed(log.path, entries(10))
    async with ContainerClient(f"http://127.0.0.1:{free_port()}/x", "audit", credential=KEY, retry_total=0) as nowhere:
        with pytest.raises(Unavailable):
            await BlobCopy(nowhere).copy(log, log.noted_days())
