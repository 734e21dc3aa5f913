"""Graph's errors, flat or in Intune's nested form."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

OPERATION_ID = "00000000-0000-0000-0000-000000000000"


class GraphError(Exception):
    """A refused call. `intune` marks errors of Intune's own services, which may arrive nested."""

    def __init__(
        self, status: int, code: str, message: str, *, intune: bool = False, headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.intune = intune
        self.headers = dict(headers)


def bad_request(message: str) -> GraphError:
    """Return the error for a malformed call."""
    return GraphError(400, "BadRequest", message)


def not_found(what: str) -> GraphError:
    """Return the error for an object that Intune does not have or the caller may not see."""
    return GraphError(404, "ResourceNotFound", f"Resource not found: {what}.", intune=True)


def no_segment(segment: str) -> GraphError:
    """Return the error for a path that this version of Graph does not have."""
    return bad_request(f"Resource not found for the segment '{segment}'.")


def missing_permission() -> GraphError:
    """Return the error for a token that lacks a scope or role."""
    return GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def error_body(error: GraphError, path: str, moment: str, *, nested: bool) -> dict[str, Any]:
    """Return the answer's JSON; `nested` wraps Intune's errors as its internal services do."""
    message = _nested(error, path) if nested and error.intune else error.message
    inner = {"date": moment, "request-id": str(uuid4()), "client-request-id": str(uuid4())}
    return {"error": {"code": error.code, "message": message, "innerError": inner}}


def _nested(error: GraphError, path: str) -> str:
    # Clients receive internal addresses like this one; they must not be shown to people.
    url = f"https://proxy.msub06.manage.microsoft.com/StatelessFEService{path}?api-version=5025-08-01"
    text = (
        f"{error.message} - Operation ID (for customer support): {OPERATION_ID} - Activity ID: {uuid4()} - Url: {url}"
    )
    inner = {
        "_version": 3,
        "Message": text,
        "CustomApiErrorPhrase": "",
        "RetryAfter": None,
        "ErrorSourceService": "",
        "HttpHeaders": json.dumps(error.headers),
    }
    return json.dumps(inner, indent=2).replace("\n", "\r\n")
