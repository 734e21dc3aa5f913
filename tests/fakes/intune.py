"""Approval requests in Intune, in memory."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from approvals.request import Verdict
from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, Throttled, Unreadable
from handlers.ports.intune import ApprovalEvent, Audited, Content, DeviceNow, Identity, IsNews, Row, nothing_else
from handlers.ports.sign_in import UserToken
from tests.fakes.clock import MORNING, Clock
from tests.fakes.troubles import Troubles

NEEDS_APPROVAL, APPROVED, REJECTED = "needsApproval", "approved", "rejected"
CANCELLED, COMPLETED, EXPIRED = "cancelled", "completed", "expired"
LONGEST_NOTE = 1024


@dataclass(frozen=True)
class Said:
    """One call to Intune about a request, and the account that made it. `verb` is `approve`, `reject` or
    `cancelApproval`."""

    intune_id: str
    verb: str
    note: str
    account: str


def wipe(**changes: Any) -> Row:
    """Return the wipe of a device that Rita has requested in the portal, with these changes."""
    row = Row(
        id="i1",
        raw_status=NEEDS_APPROVAL,
        policy_types=("deviceWipe",),
        kind="ManagedDevice",
        operation="Action",
        action="wipe",
        target_id="d1",
        target="PC-1",
        payload={"keepUserData": False},
        devices=({"deviceName": "PC-1", "deviceId": "d1"},),
        requestor=Identity("rita", "Rita Rossi", is_person=True),
        approver=None,
        justification="stolen laptop",
        approval_note="",
        filed_at=MORNING,
        expires_at=MORNING + timedelta(days=3),
        modified_at=MORNING,
    )
    return replace(row, **changes)


class Intune:
    """Keeps rows by their id, and the calls that it received. `names` are the display names of accounts.

    No documentation says which status a cancelled approval leaves behind, so a test can set it: `after_cancel`.
    `unreadable` are ids of rows that the list of requests contains and that nobody can read.
    """

    def __init__(self, clock: Clock) -> None:
        self.rows: dict[str, Row] = {}
        self.contents: dict[str, Content] = {}
        self.busy_with = set[str]()
        self.breaks_off: PortError | None = None
        self.devices: dict[str, tuple[tuple[str, str], ...]] = {}
        self.many: dict[str, DeviceNow] = {}
        self.filers: dict[str, Identity] = {}
        self.approvals: dict[str, ApprovalEvent] = {}
        self.actions: list[Audited] = []
        self.said: list[Said] = []
        self.names: dict[str, str] = {}
        self.after_cancel = CANCELLED
        self.unreadable: tuple[str, ...] = ()
        self.troubles = Troubles()
        self._clock = clock

    def show(self, row: Row) -> Row:
        """Show this row from now on, and return it."""
        self.rows[row.id] = row
        return row

    def hold(self, row: Row, intune_id: str, justification: str, app_id: str) -> Row:
        """File this row now in the name of an application."""
        now, by = self._clock.time, Identity(app_id, "Countersign", is_person=False)
        filed = replace(row, id=intune_id, justification=justification, requestor=by, filed_at=now, modified_at=now)
        return self.show(filed)

    def move(self, intune_id: str, **changes: Any) -> Row:
        """Change a row now, as a person in the portal would."""
        return self.show(replace(self.rows[intune_id], modified_at=self._clock.time, **changes))

    async def changed_since(self, since: datetime | None, is_news: IsNews = nothing_else) -> AsyncIterator[Row]:
        await self.troubles.begin("changed_since")
        for row in list(self.rows.values()):
            changed = since is None or row.modified_at is None or row.modified_at >= since
            if changed or is_news(row.id, row.raw_status):
                yield row
        if self.breaks_off is not None:
            raise self.breaks_off
        if self.unreadable:
            raise Unreadable("some rows cannot be read", ids=self.unreadable)

    async def get(self, intune_id: str) -> Row:
        await self.troubles.begin("get")
        if intune_id not in self.rows:
            raise NotFound(f"there is no request {intune_id}")
        return self.rows[intune_id]

    async def content(self, row: Row) -> Content:
        await self.troubles.begin("content")
        if row.id in self.busy_with:
            raise Throttled("too busy for this one")
        return self.contents.get(row.id, Content())

    async def device_facts(self, device_id: str) -> tuple[tuple[str, str], ...]:
        await self.troubles.begin("device_facts")
        if device_id not in self.devices:
            raise NotFound(f"there is no device {device_id}")
        return self.devices[device_id]

    async def devices_now(self, device_ids: Sequence[str]) -> tuple[DeviceNow | None, ...]:
        await self.troubles.begin("devices_now")
        return tuple(self.many.get(one) for one in device_ids)

    async def who_filed(self, intune_id: str) -> Identity | None:
        return self.filers.get((await self.get(intune_id)).id)

    async def who_approved(self, intune_id: str) -> ApprovalEvent | None:
        return self.approvals.get((await self.get(intune_id)).id)

    async def actions_of(self, accounts: Collection[str], since: datetime) -> Sequence[Audited]:
        await self.troubles.begin("actions_of")
        return [one for one in self.actions if one.by in accounts and one.at >= since]

    async def decide(self, intune_id: str, verdict: Verdict, note: str, token: UserToken) -> str:
        status = APPROVED if verdict is Verdict.APPROVE else REJECTED
        answer = await self._take("decide", intune_id, NEEDS_APPROVAL, Said(intune_id, verdict, note, token.account))
        by = self._name(token)
        self.move(intune_id, raw_status=status, approver=by, approval_note=note[:LONGEST_NOTE])
        if verdict is Verdict.APPROVE:
            self.approvals[intune_id] = ApprovalEvent(self._clock.time, by)
        self.troubles.end("decide")
        return answer

    async def cancel_approval(self, intune_id: str, note: str, token: UserToken) -> str:
        said = Said(intune_id, "cancelApproval", note, token.account)
        answer = await self._take("cancel_approval", intune_id, APPROVED, said)
        self.move(intune_id, raw_status=self.after_cancel)
        self.troubles.end("cancel_approval")
        return answer

    async def _take(self, method: str, intune_id: str, status: str, said: Said) -> str:
        """Let a person decide a row that must have this status. Nobody may decide their own row."""
        await self.troubles.begin(method)
        row = await self.get(intune_id)
        if row.requestor is not None and row.requestor.id == said.account:
            raise Forbidden("nobody decides on their own request", request_id="answer-own")
        if row.raw_status != status:
            raise Conflict(f"the request is {row.raw_status}", request_id="answer-late")
        self.said.append(said)
        return f"answer-{len(self.said)}"

    def _name(self, token: UserToken) -> Identity:
        return Identity(token.account, self.names.get(token.account, token.account), is_person=True)
