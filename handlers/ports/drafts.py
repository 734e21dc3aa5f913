"""Unconfirmed drafts and prompts."""

from typing import Protocol, TypeVar

T = TypeVar("T")


class Drafts(Protocol[T]):
    """Store of drafts and prompts; each one expires by itself."""

    async def save(self, draft: T) -> None: ...

    async def load(self, draft_id: str) -> T | None: ...
