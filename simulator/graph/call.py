"""Calls, answers and routes, independent of transport: HTTP, $batch and the portal use them."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.graph.caller import Caller
from simulator.graph.errors import bad_request
from simulator.graph.permissions import Needs

BOTH = frozenset({"v1.0", "beta"})
BETA = frozenset({"beta"})


@dataclass(frozen=True)
class Call:
    """One request to Graph. `path` is decoded and begins after the version; header names are in lower case."""

    caller: Caller
    method: str
    version: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = "https://graph.microsoft.com"
    arguments: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises `GraphError` 400."""
        if not self.body:
            raise bad_request("Empty Payload. JSON content expected.")
        try:
            content = json.loads(self.body)
        except ValueError as error:
            raise bad_request("Unable to read JSON request payload. Please ensure it is valid JSON.") from error
        if not isinstance(content, dict):
            raise bad_request("Unable to read JSON request payload. An object is expected.")
        return content

    def text(self, name: str, *, longest: int | None = None) -> str:
        """Return a string of the body, empty if missing or null; raises `GraphError` 400."""
        value = self.json().get(name)
        if not isinstance(value, str | None):
            raise bad_request(f"The property '{name}' must be a string.")
        if longest is not None and len(value or "") > longest:
            raise bad_request(f"The property '{name}' must be no greater than {longest} characters.")
        return value or ""

    def context(self, what: str) -> str:
        """Return the @odata.context of an answer."""
        return f"{self.origin}/{self.version}/$metadata#{what}"


@dataclass(frozen=True)
class Answer:
    """Graph's answer; a string is sent as plain text, None as an empty body, anything else as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]


class Route:
    """A method and a path template such as /users/{id}, with the required permissions."""

    def __init__(
        self, method: str, template: str, handler: Handler, needs: Needs, versions: frozenset[str] = BOTH
    ) -> None:
        self.method = method
        self.template = template
        self.handler = handler
        self.needs = needs
        self.versions = versions
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        self._pattern = re.compile(pattern, re.IGNORECASE)

    def arguments(self, path: str) -> dict[str, str] | None:
        """Return the values of the template's names in this path, or None if it does not match."""
        match = self._pattern.fullmatch(path)
        return match.groupdict() if match else None
