"""The gate for all protected writes: file, refuse, or perform an approved change."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from simulator.graph.call import Answer, Call
from simulator.graph.errors import GraphError
from simulator.graph.state import Filed, State

JUSTIFICATION = "x-msft-approval-justification"
CODE = "x-msft-approval-code"
LONGEST_JUSTIFICATION = 1024
_NAMESPACE = "Microsoft.Management.Services.Api."


@dataclass(frozen=True)
class Change:
    """A write as the gate sees it. `apply` performs it on the object with the given id."""

    policy_type: str
    platform: str
    payload_type: str
    payload_id: str
    payload_name: str
    operation: str
    apply: Callable[[str], Answer]
    details: Mapping[str, Any] = field(default_factory=dict)


class Gate:
    """Decides about writes; the only place that files and completes requests."""

    def __init__(self, state: State) -> None:
        self._state = state

    def perform(self, call: Call, change: Change) -> Answer:
        """Perform the change, or raise `GraphError`; 412 (or the documented 403) means that a request was filed."""
        if not self._guarded(call, change):
            return self._apply(call, change, change.payload_id)
        # A justification always files a new request, even together with an approval code.
        if JUSTIFICATION in call.headers:
            raise self._file(call, change)
        if CODE in call.headers:
            return self._complete(call, change)
        raise self._justification_missing()

    def _guarded(self, call: Call, change: Change) -> bool:
        policies = self._state.policies(change.policy_type, change.platform)
        return any(call.caller.id not in policy.excluded_app_ids for policy in policies)

    def _apply(self, call: Call, change: Change, payload_id: str) -> Answer:
        answer = change.apply(payload_id)
        activity = change.details.get("actionName", change.operation)
        self._state.audit.record(call.caller, activity, change.payload_type, payload_id, change.payload_name)
        return answer

    def _file(self, call: Call, change: Change) -> GraphError:
        justification = _decoded(call.headers[JUSTIFICATION])
        if change.payload_id and self._state.open_for(change.payload_id) is not None:
            return _refused(409, "Conflict", "An active Approval Request already exists for this entity")
        now = self._state.clock.now()
        request = Filed(
            id=str(uuid4()),
            requestor=call.caller,
            justification=justification,
            policy_types=(change.policy_type,),
            requested_at=now,
            expires_at=now + self._state.knobs.expiry,
            modified_at=now,
            entity=change.payload_id,
            replay=_replay(call),
            details=_described(change),
        )
        self._state.filed[request.id] = request
        self._state.record(call.caller, "Create", request)
        return self._approval_required(request.id)

    def _complete(self, call: Call, change: Change) -> Answer:
        request = self._approved(call)
        answer = self._apply(call, change, request.entity)
        request.move("completed", self._state.clock.now())
        self._state.record(call.caller, "Complete", request)
        return answer

    def _approved(self, call: Call) -> Filed:
        code = call.headers[CODE]
        try:
            UUID(code)
        except ValueError as error:
            raise _refused(400, "BadRequest", "Invalid approval header format, expected GUID format") from error
        # No details: the real service does not say which of these was the reason.
        refused = _refused(403, "Forbidden", "An error has occurred")
        request = next((one for one in self._state.visible_to(call.caller) if one.id == code.lower()), None)
        if request is None or not request.requestor.same_as(call.caller) or request.replay != _replay(call):
            raise refused
        if request.status == "needsApproval" and self._state.knobs.early_completion == 409:
            raise _refused(409, "Conflict", "The Approval Request is not approved")
        if request.status != "approved":
            raise refused
        return request

    def _approval_required(self, request_id: str) -> GraphError:
        knobs = self._state.knobs
        status, code = (412, "BadRequest") if knobs.profile == "observed" else (403, "ApprovalRequired")
        message = (
            "Approval Required. Request Approval using the request ID returned as part of the "
            f"{CODE} response header. {CODE}: {request_id}"
        )
        return _refused(status, code, message, {CODE: request_id} if knobs.code_header else {})

    def _justification_missing(self) -> GraphError:
        message = f"Header '{JUSTIFICATION}' is required to request approval"
        if self._state.knobs.profile == "observed":
            return _refused(400, "BadRequest", message)
        return _refused(403, "Forbidden", message)


def _refused(status: int, code: str, message: str, headers: Mapping[str, str] = {}) -> GraphError:
    return GraphError(status, code, message, intune=True, headers=headers)


def _decoded(header: str) -> str:
    try:
        text = base64.b64decode(header, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        message = f"'{JUSTIFICATION}' must be a valid base64 encoded string."
        raise _refused(400, "BadRequest", message) from error
    if len(text) > LONGEST_JUSTIFICATION:
        message = f"Decoded content of '{JUSTIFICATION}' header must be no greater than 1024 characters"
        raise _refused(400, "BadRequest", message)
    return text


def _replay(call: Call) -> tuple[str, str, str]:
    canonical = json.dumps(call.json(), sort_keys=True) if call.body else ""
    return call.method, call.path.rstrip("/").lower(), canonical


def _described(change: Change) -> dict[str, Any]:
    """Return the undocumented properties; only they say what is pending."""
    return {
        "payloadType": _NAMESPACE + change.payload_type,
        "payloadOperation": change.operation,
        "payloadId": change.payload_id,
        "payloadName": change.payload_name,
        **change.details,
    }
