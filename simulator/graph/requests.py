"""The resource operationApprovalRequests: reading, deciding, and cancelling one's own."""

from typing import Any
from uuid import uuid4

from simulator.graph import odata, permissions
from simulator.graph.call import BETA, Answer, Call, Route
from simulator.graph.deciding import Deciding
from simulator.graph.errors import GraphError, bad_request, not_found
from simulator.graph.state import Filed, State
from simulator.graph.times import plain
from simulator.graph.views import DOCUMENTED, request_row

BASE = "/deviceManagement/operationApprovalRequests"
_WHAT = "deviceManagement/operationApprovalRequests"


class Requests:
    """All calls under /deviceManagement/operationApprovalRequests; beta only."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._deciding = Deciding(state)

    def routes(self) -> list[Route]:
        """Return the routes; decisions check permissions themselves, because the kind of caller is checked first."""
        reading, decide = permissions.APPROVALS, self._deciding
        return [
            Route("GET", BASE, self._list, reading, BETA),
            Route("GET", f"{BASE}/$count", self._count, reading, BETA),
            Route("POST", f"{BASE}/cancelMyRequest", self._cancel_mine, reading, BETA),
            Route("POST", f"{BASE}/retrieveRequestStatus", self._status_of, reading, BETA),
            Route("GET", f"{BASE}/retrieveMyRequests()", self._list_mine, reading, BETA),
            Route("GET", f"{BASE}/retrieveMyRequestById(id='{{id}}')", self._get_mine, reading, BETA),
            Route("GET", f"{BASE}/{{id}}", self._get, reading, BETA),
            Route("POST", f"{BASE}/{{id}}/approve", decide.approve, (), BETA),
            Route("POST", f"{BASE}/{{id}}/reject", decide.reject, (), BETA),
            Route("POST", f"{BASE}/{{id}}/cancelApproval", decide.cancel_approval, (), BETA),
        ]

    def _list(self, call: Call) -> Answer:
        return self._page(call, self._state.visible_to(call.caller))

    def _list_mine(self, call: Call) -> Answer:
        return self._page(call, self._mine(call))

    def _page(self, call: Call, requests: list[Filed]) -> Answer:
        self._check_filter(call)
        size = self._state.knobs.page_size
        return odata.collection(call, self._rows(call, requests), _WHAT, page_size=size, properties=DOCUMENTED)

    def _count(self, call: Call) -> Answer:
        self._check_filter(call)
        rows = self._rows(call, self._state.visible_to(call.caller))
        return odata.count(call, rows, properties=DOCUMENTED)

    def _get(self, call: Call) -> Answer:
        return self._one(call, self._state.find(call.arguments["id"], call.caller))

    def _get_mine(self, call: Call) -> Answer:
        return self._one(call, self._find_mine(call, call.arguments["id"]))

    def _cancel_mine(self, call: Call) -> Answer:
        request = self._find_mine(call, call.text("id"))
        if request.status != "needsApproval":
            raise GraphError(409, "Conflict", f"The request is {request.status}.", intune=True)
        request.move("cancelled", self._state.clock.now())
        self._state.record(call.caller, "Cancel", request)
        return Answer(204)

    def _status_of(self, call: Call) -> Answer:
        entity, kind = call.text("entityId"), call.text("entityType")
        request = self._state.open_for(entity)
        found: dict[str, Any] = {"requestId": None, "requestStatus": "unknown", "entityLocked": False}
        if "." not in kind:
            # A short type name is not refused: the answer has an id of no request.
            found |= {"requestId": str(uuid4()), "requestStatus": "needsApproval"}
        elif request is not None:
            found = {"requestId": request.id, "requestStatus": request.status, "entityLocked": True}
            found["requestExpirationDateTime"] = plain(request.expires_at)
        return Answer(200, {"value": found} if self._state.knobs.wrapped_status else found)

    def _mine(self, call: Call) -> list[Filed]:
        return [request for request in self._state.requests() if request.requestor.same_as(call.caller)]

    def _find_mine(self, call: Call, request_id: str) -> Filed:
        for request in self._mine(call):
            if request.id == request_id.lower():
                return request
        raise not_found(request_id)

    def _check_filter(self, call: Call) -> None:
        if "$filter" in call.query and self._state.knobs.filter_refused:
            raise bad_request("The query option '$filter' is not supported for this resource.")

    def _rows(self, call: Call, requests: list[Filed]) -> list[dict[str, Any]]:
        return [self._row(call, request) for request in requests]

    def _one(self, call: Call, request: Filed) -> Answer:
        return odata.entity(call, self._row(call, request), _WHAT)

    def _row(self, call: Call, request: Filed) -> dict[str, Any]:
        return request_row(call, request, self._state.knobs, self._state.clock.now())
