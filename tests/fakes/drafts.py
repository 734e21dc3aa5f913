"""Drafts and break-glass prompts, in memory."""

from typing import Generic, Protocol, TypeVar


class Drafted(Protocol):
    """Anything that is kept by its id."""

    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Drafted)


class Drafts(Generic[T]):
    """Keeps drafts by id."""

    def __init__(self) -> None:
        self.stored: dict[str, T] = {}

    async def save(self, draft: T) -> None:
        self.stored[draft.id] = draft

    async def load(self, draft_id: str) -> T | None:
        return self.stored.get(draft_id)
