"""Entra's errors: an OAuth error with an AADSTS number, and claims where the person can resolve it."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from simulator.clock import wall_time


class EntraError(Exception):
    """An error of the token endpoint."""

    def __init__(
        self, error: str, code: int, text: str, *, status: int = 400, suberror: str = "", claims: Mapping[str, Any] = {}
    ) -> None:
        super().__init__(f"AADSTS{code}: {text}")
        self.error = error
        self.code = code
        self.status = status
        self._suberror = suberror
        self._claims = claims

    def body(self) -> dict[str, Any]:
        """Return the answer's JSON, with Entra's names."""
        trace, correlation = str(uuid4()), str(uuid4())
        moment = wall_time().strftime("%Y-%m-%d %H:%M:%SZ")
        body: dict[str, Any] = {
            "error": self.error,
            "error_description": f"{self} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
        }
        if self._suberror:
            body["suberror"] = self._suberror
        if self._claims:
            body["claims"] = json.dumps(self._claims)
        return body


def unknown_client(client_id: str) -> EntraError:
    """Return the error for an application that this tenant does not have."""
    return EntraError("unauthorized_client", 700016, f"Application '{client_id}' was not found in the directory.")


def disabled() -> EntraError:
    """Return the error for a disabled account."""
    return EntraError("invalid_grant", 50057, "The user account is disabled.")


def mfa_required(claims: Mapping[str, Any]) -> EntraError:
    """Return the error for a person who has to present a second factor in a browser, with these claims."""
    text = "You must use multi-factor authentication to access the resource."
    return EntraError("interaction_required", 50076, text, suberror="basic_action", claims=claims)


def blocked() -> EntraError:
    """Return the error for a person whom Conditional Access blocks; signing in again does not help."""
    text = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
    return EntraError("invalid_grant", 53003, text, suberror="message_only")


def no_consent(app_name: str) -> EntraError:
    """Return the error for an application without consent to what it asks for."""
    text = f"The user or administrator has not consented to use the application named '{app_name}'."
    return EntraError("invalid_grant", 65001, text, suberror="consent_required")
