"""A whole store in memory, which keeps every promise of the ports that a store has."""

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
    """The parts of one store, over one state and one clock.

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
        """What was recorded, oldest first; the number of an entry is its place, counted from 1."""
        return self._shared.audit

    def supersede(self) -> None:
        """Another configuration becomes the active one: from now on this replica may store and do nothing."""
        self._shared.superseded = True
