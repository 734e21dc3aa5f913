"""What people are about to do."""

from typing import Protocol, TypeVar

T = TypeVar("T")


class Drafts(Protocol[T]):
    """What people are about to do; forgotten by itself when its time is over."""

    async def save(self, draft: T) -> None: ...

    async def load(self, draft_id: str) -> T | None: ...
