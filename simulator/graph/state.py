"""Intune's state: approval requests, and what its parts share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from simulator.clock import Clock
from simulator.graph.audit import AuditLog
from simulator.graph.caller import Caller
from simulator.graph.errors import not_found
from simulator.graph.knobs import Knobs
from simulator.world import AccessPolicy, World

Verdict = Literal["approve", "reject", "cancelApproval"]


@dataclass(frozen=True)
class Decision:
    """A successful approve, reject or cancelApproval."""

    verdict: Verdict
    by: Caller
    note: str
    at: datetime


@dataclass
class Filed:
    """An operationApprovalRequest. `replay` is the method, path and canonical body that its completion must repeat."""

    id: str
    requestor: Caller
    justification: str
    policy_types: tuple[str, ...]
    requested_at: datetime
    expires_at: datetime
    modified_at: datetime
    entity: str
    replay: tuple[str, str, str]
    details: Mapping[str, Any]
    status: str = "needsApproval"
    approver: Caller | None = None
    approval_justification: str | None = None
    decisions: list[Decision] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """True while the request locks its entity."""
        return self.status in {"needsApproval", "approved"}

    def move(self, status: str, at: datetime) -> None:
        """Change the status and the time of the last change."""
        self.status = status
        self.modified_at = at


@dataclass
class State:
    """The state of one tenant's Intune."""

    world: World
    clock: Clock
    knobs: Knobs
    audit: AuditLog
    filed: dict[str, Filed] = field(default_factory=dict)

    def requests(self) -> list[Filed]:
        """Return all requests that are still visible, newest first; overdue ones become expired."""
        oldest = self.clock.now() - self.knobs.visible_for
        return [
            request for request in map(self._settled, reversed(self.filed.values())) if request.modified_at >= oldest
        ]

    def visible_to(self, caller: Caller) -> list[Filed]:
        """Return the requests that this caller may see."""
        hidden = self.knobs.hidden_from_apps if caller.kind == "app" else set()
        return [request for request in self.requests() if request.id not in hidden]

    def find(self, request_id: str, caller: Caller) -> Filed:
        """Return the request of that id; raises `GraphError` 404 if it is not visible to the caller."""
        for request in self.visible_to(caller):
            if request.id == request_id.lower():
                return request
        raise not_found(request_id)

    def open_for(self, entity: str) -> Filed | None:
        """Return the request that locks this entity, if any."""
        return next((request for request in self.requests() if request.open and request.entity == entity), None)

    def policies(self, policy_type: str, platform: str = "") -> list[AccessPolicy]:
        """Return the active access policies of that type; with a platform, only those that cover it."""
        return [
            policy
            for policy in self.world.policies.values()
            if policy.active
            and policy.policy_type == policy_type
            and (not platform or policy.platform in {"notApplicable", platform})
        ]

    def record(self, caller: Caller, activity: str, request: Filed) -> None:
        """Record an event of a request in the audit log."""
        name = str(request.details.get("payloadName", ""))
        self.audit.record(caller, f"{activity} approval request", "OperationApprovalRequest", request.id, name)

    def _settled(self, request: Filed) -> Filed:
        if request.open and self.clock.now() >= request.expires_at:
            request.move("expired", request.expires_at)
        return request
