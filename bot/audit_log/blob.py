"""Copies the log to Azure Blob storage, in append blobs; a locked immutability policy on the container protects
them. A day's file there is a prefix of the local one. After a lost answer the blob's length says whether the append
succeeded."""

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
"""Bytes per append. Azure's limit is four million."""

_MOVED_ON = 412  # the blob has grown: our append succeeded, and its answer was lost

log = structlog.get_logger(__name__)


class BlobCopy:
    """Copies to the container at this address, which includes the right to append (a shared access signature).

    A blob is read and compared once per process, and again if its length is not what we left. Only then is it appended
    to.
    """

    def __init__(self, container: ContainerClient) -> None:
        self._container = container
        self._left: dict[str, int] = {}

    async def copy(self, directory: LogDirectory, days: Sequence[str]) -> None:
        """Copy what is missing of these days, lines first, so that no checkpoint is ahead of its lines.

        Raises `Unavailable` if that fails for now, `LogLost` if the copy has other content.
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
        """Return how many bytes are copied. Raises `LogLost` unless they are the beginning of the local file."""
        name, there = str(blob.blob_name), await self._length(blob)
        if there and self._left.get(name) != there:
            stored = await (await blob.download_blob()).readall()
            if not content.startswith(stored):
                raise LogLost(f"the copy of {name} in the blob storage is not what is here")
            self._left[name] = there = len(stored)
        return there

    async def _length(self, blob: BlobClient) -> int:
        """Return the blob's length; create a missing blob."""
        try:
            return int((await blob.get_blob_properties()).size)
        except ResourceNotFoundError:
            try:
                await blob.create_append_blob(match_condition=MatchConditions.IfMissing)
            except ResourceExistsError:
                log.info("audit_blob_was_made_meanwhile", blob=blob.blob_name)
            return 0


def _said(error: AzureError) -> str:
    """Return the error's type and Azure's code, but not its message, which may contain the address with its
    signature."""
    code = getattr(error, "error_code", None)
    return f"{type(error).__name__} ({getattr(code, 'value', code)})" if code else type(error).__name__
