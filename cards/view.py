"""The reader of a card, and the step that they see."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from approvals.request import Vote


class Viewer(StrEnum):
    """The reader's relation to the request. `EVERYONE` is the base card: complete, and usable by all."""

    EVERYONE = "everyone"
    REQUESTOR = "requestor"
    ELIGIBLE = "eligible"
    VOTED = "voted"
    BYSTANDER = "bystander"


class CardStep(StrEnum):
    """The content of the card: the request, the second step of a verdict, the details, or the form for urgency."""

    REQUEST = "request"
    APPROVE = "approve"
    REJECT = "reject"
    DETAILS = "details"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """One device of many: its name, Intune's word for its owner, its user, its last contact. `known` says whether
    Intune shows it now."""

    name: str
    serial: str = ""
    owner: str = ""
    user: str = ""
    contact_at: datetime | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class DevicePage:
    """One page of a list of devices: `page` of `pages`, counted from 0; `first` is the number of its first device."""

    devices: tuple[ListedDevice, ...]
    page: int
    pages: int
    first: int


@dataclass(frozen=True, slots=True)
class View:
    """One reader's view of one card.

    `notice` is on top (a refusal, or what just happened). `refresh_for` are the Teams ids (MRIs, at most 60) of users
    whose view refreshes automatically. `sign_in_url` is set if this person has to sign in to carry the decision.
    `decides` says whether this person's approval would complete the quorum. `details` are label and value, `script` is
    the script's text, `raw` is the filed content of an unknown type; all three are set only at `CardStep.DETAILS`.
    `own_vote` is this person's vote, if any. `devices` is the visible page of a bulk request's devices. `may_break`
    offers break-glass, `on_call` marks the card in the on-call chat, `paged` a person who was paged there. `portal_url`
    is where this cloud's Intune lists received requests; without it there is no link.
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
