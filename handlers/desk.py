"""What every flow has at hand: the ports, the policy, and the few settings that flows obey."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from approvals.policy import PolicyBook, Workflow
from approvals.reconcile import Terms
from approvals.request import DecisionsMode, Request
from approvals.sighting import Sighting
from handlers.ports import Chat, Clock, Conversations, Copies, Directory, Intune, Outbox, PollState, Requests, SignIn

PORTAL_URL = "https://intune.microsoft.com/#view/Microsoft_Intune_DeviceSettings/MultiAdminApprovalMenu/~/received"
"""Intune's own page of received requests."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports and the policy.

    Without `sign_in` nobody can sign in, and every decision is taken in Intune. `owners` names, by application id, the
    accounts behind applications that file. `replica` tells this process from its siblings. `operations_channel` gets
    alarms; empty for none.
    """

    clock: Clock
    requests: Requests
    copies: Copies
    outbox: Outbox
    poll_state: PollState
    intune: Intune
    directory: Directory
    chat: Chat
    conversations: Conversations
    sign_in: SignIn | None
    book: PolicyBook
    decisions: DecisionsMode
    replica: str
    owners: Mapping[str, tuple[str, ...]]
    operations_channel: str = ""
    portal_url: str = PORTAL_URL

    @property
    def workflows(self) -> tuple[Workflow, ...]:
        """Every workflow of the policy, the one for everything else last."""
        return (*(rule.workflow for rule in self.book.rules), self.book.catch_all)

    def terms(self, seen: Sighting) -> Terms:
        """Under which configuration a request of this kind is opened or followed."""
        workflows = self.book.workflows_for(seen.subject.policy_types, seen.subject.kind)
        return Terms(workflows, self.book.digest, self.decisions)


def new_request_id(now: datetime) -> str:
    """An id of 16 characters that sorts by time (milliseconds since 1970) and tells nothing else."""
    number = int(now.timestamp() * 1000) << 30 | secrets.randbits(30)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(75, -1, -5))


def channels_of(request: Request) -> tuple[str, ...]:
    """Every channel that this request is shown in."""
    return tuple(dict.fromkeys(channel for workflow in request.workflows for channel in workflow.channels))
