"""Copying the log to Azure Blob storage: append blobs, which a container with a locked immutability policy never gives
back. A day's file there is a prefix of the one here, so a lost answer is answered by looking how far it is."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog
from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob.aio import BlobClient, ContainerClient

from bot.audit_log.directory import LogDirectory, LogLost
from handlers.ports.errors import Unavailable

LARGEST_BLOCK = 1_000_000
"""Bytes of one append; Azure takes four million."""

_MOVED_ON = 412  # somebody appended since we looked: it was us, and the answer was lost

log = structlog.get_logger(__name__)


class BlobCopy:
    """Copies to the container at this address, which carries its own right to append (a shared access signature).

    What is there is read once for each file and process, and again whenever it is not what we left; only then is
    appended to it.
    """

    def __init__(self, container: ContainerClient) -> None:
        self._container = container
        self._left: dict[str, int] = {}

    async def copy(self, directory: LogDirectory, days: Sequence[str]) -> None:
        """Bring the copies of these days up to what is here: lines first, so that no checkpoint is ahead of them.

        `Unavailable` where that could not be done now; `LogLost` where something else is there.
        """
        files = [path for day in days for path in directory.files(day)]
        try:
            for path in files:
                await self._copy(path)
        except AzureError as error:
            raise Unavailable(f"the audit could not be copied: {_said(error)}") from None

    async def _copy(self, path: Path) -> None:
        blob = self._container.get_blob_client(path.name)
        content = await asyncio.to_thread(path.read_bytes)
        there = await self._agreed(blob, content)
        while there < len(content):
            block = content[there : there + LARGEST_BLOCK]
            try:
                await blob.append_block(block, length=len(block), appendpos_condition=there, validate_content=True)
                self._left[path.name] = there + len(block)
            except HttpResponseError as error:
                if error.status_code != _MOVED_ON:
                    raise
                log.info("audit_blob_has_grown", blob=path.name)
            there = await self._agreed(blob, content)

    async def _agreed(self, blob: BlobClient, content: bytes) -> int:
        """How much of it is there; `LogLost` unless that is how the file here begins."""
        name, there = str(blob.blob_name), await self._length(blob)
        if there and self._left.get(name) != there:
            stored = await (await blob.download_blob()).readall()
            if not content.startswith(stored):
                raise LogLost(f"the copy of {name} in the blob storage is not what is here")
            self._left[name] = there = len(stored)
        return there

    async def _length(self, blob: BlobClient) -> int:
        """How long it is; it is made if it is not there."""
        try:
            return int((await blob.get_blob_properties()).size)
        except ResourceNotFoundError:
            try:
                await blob.create_append_blob(match_condition=MatchConditions.IfMissing)
            except ResourceExistsError:
                log.info("audit_blob_was_made_meanwhile", blob=blob.blob_name)
            return 0


def _said(error: AzureError) -> str:
    """Azure's code says why, and its message may hold the address with its signature."""
    code = getattr(error, "error_code", None)
    return f"{type(error).__name__} ({getattr(code, 'value', code)})" if code else type(error).__name__
