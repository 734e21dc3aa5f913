"""A call, its answer, and the table of routes: Graph without its transport, for HTTP, $batch and the portal alike."""

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
        """The body as a JSON object; raises `GraphError` 400."""
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
        """A string of the body, empty where it is missing or null; raises `GraphError` 400."""
        value = self.json().get(name)
        if not isinstance(value, str | None):
            raise bad_request(f"The property '{name}' must be a string.")
        if longest is not None and len(value or "") > longest:
            raise bad_request(f"The property '{name}' must be no greater than {longest} characters.")
        return value or ""

    def context(self, what: str) -> str:
        """The @odata.context of an answer."""
        return f"{self.origin}/{self.version}/$metadata#{what}"


@dataclass(frozen=True)
class Answer:
    """Graph's answer; a body that is a string goes out as plain text, any other as JSON, None as nothing."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]


class Route:
    """A method and a path template such as /users/{id}, with what the token must allow."""

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
        """What the template's names stand for in this path, or None where it does not fit."""
        match = self._pattern.fullmatch(path)
        return match.groupdict() if match else None
