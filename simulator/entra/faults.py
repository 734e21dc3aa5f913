"""What can go wrong at Entra, to be switched on by a test."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

# Any authentication context would do; "c1" is the first one an administrator can define.
SECOND_FACTOR = {"access_token": {"acrs": {"essential": True, "value": "c1"}}}


class Trouble(StrEnum):
    """How a call to Entra goes wrong."""

    UNAVAILABLE = "503"
    LOST_REQUEST = "connection cut before anything happened"
    LOST_ANSWER = "connection cut after it happened"


@dataclass
class EntraFaults:
    """All off by default.

    `second_factor` and `blocked` hold ids of people who must show a second factor or whom Conditional Access keeps out.
    `outages` is how many token requests are still answered 503. `hold`, if given, keeps every token answer back until
    it is set. `mistaken` makes tokens for one person come out as another's.
    """

    second_factor: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    outages: int = 0
    hold: asyncio.Event | None = None
    mistaken: dict[str, str] = field(default_factory=dict)
