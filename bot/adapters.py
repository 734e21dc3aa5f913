"""All adapters that the journeys use in this process."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvals.asking import Draft
from approvals.break_glass import Prompt
from approvals.policy import PolicyBook
from approvals.request import DecisionsMode
from handlers.ports.access_policies import AccessPolicies
from handlers.ports.brakes import Brakes
from handlers.ports.clock import Clock
from handlers.ports.continuity import Continuity, Losses
from handlers.ports.copies import PostedCards
from handlers.ports.directory import Directory
from handlers.ports.drafts import Drafts
from handlers.ports.emergency import EmergencyExecution
from handlers.ports.intune import Intune
from handlers.ports.memory import Memory
from handlers.ports.notices import Notices
from handlers.ports.orders import FilingRoom, Orders
from handlers.ports.outbox import Outbox
from handlers.ports.outside import Outside
from handlers.ports.people import Mail, OnCall, Presence
from handlers.ports.polling import PollState
from handlers.ports.requests import Requests
from handlers.ports.sign_in import SignIn
from handlers.ports.teams import Chat, Conversations


@dataclass(frozen=True, slots=True)
class Adapters:
    """One adapter for every port, the policy, and other settings. Only the wiring sees all of it.

    Without `sign_in` nobody can sign in, and every decision is made in Intune. Without a `room` nothing can be
    requested in chat, without `mail` no mail is sent, without `alone` nobody can act alone, without `outside` no alarms
    leave the tenant. `owners` maps application ids to the accounts behind applications that file. `replica` identifies
    this process. `portal_url` is where the cloud's Intune lists received requests. `operations_channel` gets alarms;
    empty for none.
    """

    clock: Clock
    requests: Requests
    continuity: Continuity
    losses: Losses
    copies: PostedCards
    outbox: Outbox
    poll_state: PollState
    intune: Intune
    access_policies: AccessPolicies
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
    alone: EmergencyExecution | None
    orders: Orders
    room: FilingRoom | None
    book: PolicyBook
    decisions: DecisionsMode
    replica: str
    owners: Mapping[str, tuple[str, ...]]
    portal_url: str
    operations_channel: str = ""
    outside: Outside | None = None
