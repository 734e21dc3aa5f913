"""What every flow has at hand: the ports, the policy, and the few settings that flows obey."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from approvals.asking import Draft
from approvals.break_glass import Prompt
from approvals.policy import PolicyBook, Workflow
from approvals.reconcile import Terms
from approvals.request import DecisionsMode, Request, Subject
from handlers.ports import (
    Alone,
    Brakes,
    Chat,
    Clock,
    Continuity,
    Conversations,
    Copies,
    Directory,
    Drafts,
    Filer,
    Intune,
    Mail,
    Memory,
    Notices,
    OnCall,
    Orders,
    Outbox,
    Outside,
    PollState,
    Presence,
    Requests,
    SignIn,
    Vault,
    chat_of,
    review_in,
)

PORTAL_URL = "https://intune.microsoft.com/#view/Microsoft_Intune_DeviceSettings/MultiAdminApprovalMenu/~/received"
"""Intune's own page of received requests."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class FilingRoom:
    """What it takes to file in Intune what is asked for in chat."""

    filer: Filer
    vault: Vault


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports and the policy.

    Without `sign_in` nobody can sign in, and every decision is taken in Intune. Without `filing` nothing can be asked
    for in chat, without `mail` nobody gets mail, without `alone` nobody acts
    alone. `owners` names, by application id, the
    accounts behind applications that file. `replica` tells this process from its siblings. `operations_channel` gets
    alarms; empty for none. Without `outside` nobody outside of the tenant hears of them.
    """

    clock: Clock
    requests: Requests
    continuity: Continuity
    copies: Copies
    outbox: Outbox
    poll_state: PollState
    intune: Intune
    directory: Directory
    chat: Chat
    conversations: Conversations
    sign_in: SignIn | None
    brakes: Brakes
    drafts: Drafts[Draft]
    prompts: Drafts[Prompt]
    notices: Notices
    memory: Memory
    mail: Mail | None
    presence: Presence
    on_call: OnCall
    alone: Alone | None
    orders: Orders
    filing: FilingRoom | None
    book: PolicyBook
    decisions: DecisionsMode
    replica: str
    owners: Mapping[str, tuple[str, ...]]
    operations_channel: str = ""
    portal_url: str = PORTAL_URL
    outside: Outside | None = None

    @property
    def workflows(self) -> tuple[Workflow, ...]:
        """Every workflow of the policy, the one for everything else and the guard's last."""
        return (*(rule.workflow for rule in self.book.rules), self.book.catch_all, *self.guards)

    @property
    def guards(self) -> tuple[Workflow, ...]:
        """The workflow that a guarded order takes on top, if there is a guard."""
        return (self.book.guard.workflow,) if self.book.guard else ()

    def terms(self, subject: Subject) -> Terms:
        """Under which configuration a request of this kind is opened or followed."""
        workflows = self.book.workflows_for(subject.policy_types, subject.kind)
        return Terms(workflows, self.book.digest, self.decisions, self.book.emergency, self.guards)


def new_request_id(now: datetime) -> str:
    """An id of 16 characters that sorts by time (milliseconds since 1970) and tells nothing else."""
    number = int(now.timestamp() * 1000) << 30 | secrets.randbits(30)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(75, -1, -5))


def opened_at(request_id: str) -> datetime | None:
    """Return the time that an id carries, or nothing where it is none of ours."""
    if len(request_id) != ID_LENGTH or not set(request_id) <= set(_CROCKFORD):
        return None
    number = 0
    for digit in request_id:
        number = number << 5 | _CROCKFORD.index(digit)
    return datetime.fromtimestamp((number >> 30) / 1000, UTC)


def channels_of(request: Request) -> tuple[str, ...]:
    """Every channel that this request is shown in."""
    return tuple(dict.fromkeys(channel for workflow in request.workflows for channel in workflow.channels))


def places_of(request: Request) -> tuple[str, ...]:
    """Every place where a card of it stands: its channels, the chat of the one who asked for it there, the on-call chat
    that was asked, and in an emergency where alarms go. The card of its review stands in its channels."""
    places = [*channels_of(request)]
    if request.filing and request.initiator:
        places.append(chat_of(request.initiator.account))
    if request.reminders.paging:
        places.append(request.reminders.paging.chat)
    places += [channel for glass in request.glass for channel in glass.channels]
    if request.review:
        places += [review_in(channel) for channel in channels_of(request) or request.review.channels]
    return tuple(dict.fromkeys(places))
