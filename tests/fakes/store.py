"""A whole store in memory. It keeps every promise that the ports make about a store."""

from datetime import timedelta

from approvals.asking import Draft
from approvals.audit import AuditEntry
from approvals.break_glass import Prompt
from tests.fakes.brakes import Brakes
from tests.fakes.clock import Clock
from tests.fakes.continuity import Continuity, Losses
from tests.fakes.conversations import Conversations
from tests.fakes.copies import Copies
from tests.fakes.drafts import Drafts
from tests.fakes.memory import Memory
from tests.fakes.notices import Notices
from tests.fakes.outbox import Outbox
from tests.fakes.polling import PollState
from tests.fakes.requests import Requests
from tests.fakes.shared import Shared


class Store:
    """The parts of one store, with one state and one clock.

    Tests look at `audit`, `requests.stored`, `outbox.effects`, `copies.stored` and `brakes.pulled`.
    """

    def __init__(
        self, clock: Clock | None = None, *, lease: timedelta = timedelta(seconds=30), most_attempts: int = 12
    ) -> None:
        self.clock = clock or Clock()
        self._shared = shared = Shared(self.clock)
        self.outbox = Outbox(shared, lease, most_attempts)
        self.brakes = Brakes(shared, self.outbox)
        self.requests = Requests(shared, self.outbox, self.brakes)
        self.copies = Copies(shared, self.outbox, self.requests)
        self.poll = PollState(shared, self.outbox)
        self.notices = Notices(self.outbox)
        self.memory = Memory()
        self.drafts = Drafts[Draft]()
        self.prompts = Drafts[Prompt]()
        self.conversations = Conversations()
        self.continuity = Continuity(shared, self.brakes)
        self.losses = Losses(shared, self.outbox, self.brakes)

    @property
    def audit(self) -> list[AuditEntry]:
        """The audit, oldest entry first. The number of an entry is its place, counted from 1."""
        return self._shared.audit

    def supersede(self) -> None:
        """Make another configuration the active one. From now on this replica may neither store nor do anything."""
        self._shared.superseded = True
