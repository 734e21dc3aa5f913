"""The posted cards of requests, in memory."""

from collections.abc import Sequence

from approvals.audit import AuditEntry
from approvals.effects import Planned
from handlers.ports.copies import PostedCard
from handlers.ports.places import channel_of
from tests.fakes.outbox import Outbox
from tests.fakes.requests import Requests
from tests.fakes.shared import Shared


class Copies:
    """Keeps posted cards by request and attempt, and the attempt that owns each message."""

    def __init__(self, shared: Shared, outbox: Outbox, requests: Requests) -> None:
        self.stored: dict[tuple[str, str], PostedCard] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._shared = shared
        self._outbox = outbox
        self._requests = requests

    async def of(self, request_id: str) -> tuple[PostedCard, ...]:
        found = [copy for copy in self.stored.values() if copy.request_id == request_id]
        return tuple(copy for copy in found if not copy.adopted or self._owners.get(_message(copy)) == copy.attempt)

    async def save(
        self,
        copy: PostedCard,
        entries: Sequence[AuditEntry] = (),
        planned: Sequence[Planned] = (),
        *,
        if_stale: Sequence[Planned] = (),
        drawn_from: int = 0,
    ) -> None:
        was_anothers = self._is_anothers(copy)
        self._keep(copy)
        self._shared.record(entries)
        request = self._requests.stored.get(copy.request_id)
        stale = was_anothers or (request.revision if request else 0) != drawn_from
        self._outbox.add([*planned, *(if_stale if stale else ())], self._shared.clock.time)

    async def swap(self, before: PostedCard | None, after: PostedCard | None, planned: Sequence[Planned] = ()) -> bool:
        copy = after or before
        if copy is None or self.stored.get((copy.request_id, copy.attempt)) != before:
            return False
        if after is None:
            del self.stored[copy.request_id, copy.attempt]
        elif self._is_anothers(after):
            return False
        else:
            self._keep(after)
        self._outbox.add(planned, self._shared.clock.time)
        return True

    def _keep(self, copy: PostedCard) -> None:
        self.stored[copy.request_id, copy.attempt] = copy
        if copy.activity_id:
            self._owners[_message(copy)] = copy.attempt

    def _is_anothers(self, copy: PostedCard) -> bool:
        """Return whether the message of this posted card belongs to another attempt."""
        return bool(copy.activity_id) and self._owners.get(_message(copy), copy.attempt) != copy.attempt


def _message(copy: PostedCard) -> tuple[str, str]:
    """Return the key of a message: its channel and its id. An activity id is a time, so two channels may use the same
    one."""
    return channel_of(copy.conversation), copy.activity_id
