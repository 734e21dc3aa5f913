"""Faults of Entra that a test can switch on."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

# Any authentication context works; "c1" is the first one an administrator can define.
SECOND_FACTOR = {"access_token": {"acrs": {"essential": True, "value": "c1"}}}


class Trouble(StrEnum):
    """A kind of failure of a call to Entra."""

    UNAVAILABLE = "503"
    LOST_REQUEST = "connection cut before anything happened"
    LOST_ANSWER = "connection cut after it happened"


@dataclass
class EntraFaults:
    """All off by default.

    `second_factor` and `blocked` are ids of people who must present a second factor or whom Conditional Access blocks.
    `outages` is the number of next token requests that are answered 503. `hold` delays every token answer until it is
    set. `mistaken` maps a person to another one whose tokens are issued instead.
    """

    second_factor: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    outages: int = 0
    hold: asyncio.Event | None = None
    mistaken: dict[str, str] = field(default_factory=dict)
