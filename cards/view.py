"""Who looks at a card, and at which step of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from approvals.request import Vote


class Viewer(StrEnum):
    """How the reader stands to the request. `EVERYONE` is the base card: complete, and usable by all."""

    EVERYONE = "everyone"
    REQUESTOR = "requestor"
    ELIGIBLE = "eligible"
    VOTED = "voted"
    BYSTANDER = "bystander"


class CardStep(StrEnum):
    """What the card shows: the request, the second step of a verdict, the details, or why it cannot wait."""

    REQUEST = "request"
    APPROVE = "approve"
    REJECT = "reject"
    DETAILS = "details"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """One device of many: its name, Intune's word for its owner, who uses it, its last contact. `known` says whether
    Intune shows it now."""

    name: str
    serial: str = ""
    owner: str = ""
    user: str = ""
    contact_at: datetime | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class DevicePage:
    """A part of a list of devices: `page` of `pages`, counted from 0, which begins with number `first` of all."""

    devices: tuple[ListedDevice, ...]
    page: int
    pages: int
    first: int


@dataclass(frozen=True, slots=True)
class View:
    """One reader's look at one card.

    `notice` stands on top (a refusal, or what just happened). `refresh_for` are the Teams ids (MRIs, at most 60)
    that get their own view by themselves. `sign_in_url` is set when this person is asked to sign in, to carry the
    decision. `decides` says whether this person's approval would complete the quorum. `details` are label and
    value, `script` is the script's text, `raw` what was filed where nobody knows that type; all of them only at
    `CardStep.DETAILS`. `own_vote` is what this person has voted, if anything. `devices` is the page of a bulk request's
    devices that is looked at. `may_break` offers to break glass, `on_call` is the look at it in the on-call chat,
    `paged` is who was called there. `portal_url` is where this cloud's Intune lists received requests; without it
    nothing leads there.
    """

    viewer: Viewer = Viewer.EVERYONE
    step: CardStep = CardStep.REQUEST
    notice: str = ""
    refresh_for: tuple[str, ...] = ()
    sign_in_url: str = ""
    decides: bool = False
    details: tuple[tuple[str, str], ...] = ()
    script: str = ""
    raw: str = ""
    own_vote: Vote | None = None
    devices: DevicePage | None = None
    may_break: bool = False
    on_call: bool = False
    paged: bool = False
    portal_url: str = ""
