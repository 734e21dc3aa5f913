"""What every store consists of, and what the contract tests write to it."""

from typing import Protocol

from approvals.asking import Draft
from approvals.audit import AuditEntry, Kind
from approvals.break_glass import Prompt
from handlers.ports.brakes import Brakes
from handlers.ports.copies import PostedCards
from handlers.ports.drafts import Drafts
from handlers.ports.memory import Memory
from handlers.ports.notices import Notices
from handlers.ports.outbox import Outbox
from handlers.ports.polling import PollState
from handlers.ports.requests import Requests
from handlers.ports.teams import Conversations


class Store(Protocol):
    """The parts of one store."""

    @property
    def requests(self) -> Requests: ...
    @property
    def copies(self) -> PostedCards: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def brakes(self) -> Brakes: ...
    @property
    def poll(self) -> PollState: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def memory(self) -> Memory: ...
    @property
    def drafts(self) -> Drafts[Draft]: ...
    @property
    def prompts(self) -> Drafts[Prompt]: ...
    @property
    def conversations(self) -> Conversations: ...


async def audit(store: Store) -> tuple[AuditEntry, ...]:
    """Return all audit entries, oldest first."""
    return await store.requests.recorded_last(frozenset(Kind), 10_000)
