"""Every key there is. All of a tenant's share one hash tag, so that a script finds them on one node."""

from dataclasses import dataclass
from datetime import timedelta

CLICK_LIVES = timedelta(days=2)
"""Teams repeats an activity within minutes; two days outlast any queue between it and us."""

WRITE_LIVES = timedelta(hours=1)
"""Longer than any retry of a script whose answer was lost."""

ENDED_LIVES = timedelta(days=120)
"""Intune shows a request for 30 days after its last change; ours stays readable for a while longer."""

REFUSAL_WINDOW = timedelta(minutes=1)
MOST_REFUSALS = 20
"""So many refusals of one person are audited per window; the rest changes nothing and is not written down."""

NONCE_LIVES = timedelta(minutes=10)
"""How long a sign-in that was begun may take."""

POLLER_LEASE = timedelta(seconds=20)
"""A dead poller is replaced after this long; the others ask every few seconds."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of a tenant's keys. Those that take an argument live as long as is said above; the others stay."""

    tenant: str

    def _key(self, *parts: str) -> str:
        return ":".join(("cs", f"{{{self.tenant}}}", *parts))

    @property
    def audit(self) -> str:
        """Stream of audit entries, ids `<sequence>-0`. Stays."""
        return self._key("audit")

    @property
    def audit_sequence(self) -> str:
        """The last audit number that was given. Stays."""
        return self._key("audit-sequence")

    @property
    def due(self) -> str:
        """Sorted set: effect id by due time (ms). Stays."""
        return self._key("due")

    @property
    def dead(self) -> str:
        """Hash: effects that were given up, why and when. Stays until an operator clears it."""
        return self._key("dead")

    @property
    def bell(self) -> str:
        """List with at most one element: something new is due. Lives a minute."""
        return self._key("bell")

    @property
    def open(self) -> str:
        """Sorted set of requests that Intune has not ended. Stays."""
        return self._key("open")

    @property
    def config(self) -> str:
        """Digest of the active configuration. Stays."""
        return self._key("config")

    @property
    def poller(self) -> str:
        """Which replica polls. Lives one lease."""
        return self._key("poller")

    @property
    def watermark(self) -> str:
        """Up to where Intune was read. Stays."""
        return self._key("watermark")

    @property
    def channels(self) -> str:
        """Hash: where the bot is installed, by channel. Stays."""
        return self._key("channels")

    @property
    def people(self) -> str:
        """Hash: 1:1 conversations, by account. Stays."""
        return self._key("people")

    def request(self, request_id: str) -> str:
        """Hash: revision and state. Stays while open, then lives 120 days."""
        return self._key("request", request_id)

    def intune(self, intune_id: str) -> str:
        """Our request id for Intune's. Lives like the request."""
        return self._key("intune", intune_id)

    def copies(self, request_id: str) -> str:
        """Hash: posted cards of a request. Lives 120 days after the last change."""
        return self._key("copies", request_id)

    def once(self, click_id: str) -> str:
        """Hash: fingerprint and notice of a click. Lives two days."""
        return self._key("once", click_id)

    def write(self, write_id: str) -> str:
        """Hash: a write without a click, against lost answers. Lives an hour."""
        return self._key("write", write_id)

    def effect(self, effect_id: str) -> str:
        """Hash: an effect's body, attempt and fencing token. Stays until done or dead."""
        return self._key("effect", effect_id)

    def refusals(self, account: str) -> str:
        """Refusals of one person in this window. Lives a minute."""
        return self._key("refusals", account)

    def nonce(self, nonce: str) -> str:
        """What a sign-in is for. Lives ten minutes."""
        return self._key("nonce", nonce)


def seconds(span: timedelta) -> int:
    """Whole seconds, as EXPIRE takes them."""
    return int(span.total_seconds())
