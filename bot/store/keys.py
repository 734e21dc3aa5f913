"""Every key: what it holds and how long it lives. All keys of a tenant share one hash tag, and so one node."""

import secrets
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class KeyKind:
    """One kind of key. It expires this long after its last write; without a time it never does.

    With `once_ended`, the time starts when Intune has ended the request that the key belongs to.
    """

    name: str
    holds: str
    lives: timedelta | None = None
    once_ended: bool = False

    @property
    def seconds(self) -> int:
        """The lifetime in whole seconds; only for kinds that expire."""
        assert self.lives is not None, f"{self.name} stays"  # noqa: S101  only a bug could lead here
        return int(self.lives.total_seconds())


ENDED = timedelta(days=120)
"""Intune shows a request for 30 days after its last change. Ours stays readable for longer."""

REQUEST = KeyKind("request", "hash: revision and state of one request", ENDED, once_ended=True)
INTUNE = KeyKind("intune", "our id of the request that Intune calls so", ENDED, once_ended=True)
OPEN = KeyKind("open", "sorted set: requests that Intune has not ended, by when they were opened (ms)")
COPIES = KeyKind("copies", "hash: the posted cards of one request, by the attempt to post them", ENDED)
MESSAGE = KeyKind("message", "which attempt has posted this message", ENDED)

AUDIT = KeyKind("audit", "stream: audit entries, ids `<number>-0`")
SEALED = KeyKind("sealed", "how far the audit is sealed, with the last checkpoint")
AUDIT_NUMBER = KeyKind("audit-number", "the last audit number that was given")

EPOCH = KeyKind("epoch", "which unbroken life of the store this is, which one it follows, and who let it")
MARKS = KeyKind("marks", "hash: the last number that each process was told of its own writes, in this epoch")
LOST = KeyKind("lost", "hash: how many entries and which requests a store that went back has lost, until looked for")

BRAKES = KeyKind("brakes", "hash: what stops calls to Intune, by what it stops")
ASKED = KeyKind("asked", "sorted set: `<account>:<request>` of what was asked for in chat, by when (ms)")

DUE = KeyKind("due", "sorted set: effects by when they are due (ms)")
EFFECT = KeyKind("effect", "hash: body, attempt and token of one effect, until it is done or dead")
FENCE = KeyKind("fence", "the last token that was given; tokens never repeat")
BELL = KeyKind("bell", "stream of one entry: something has been planned")
DEAD = KeyKind("dead", "hash: effects that were given up, with body, why and since when; until the same work succeeds")

SCHEMA = KeyKind("schema", "the schema that everything here is written by")
CONFIG = KeyKind("config", "schema and digest of the active configuration")
CONFIGS = KeyKind("configs", "sorted set: configurations that are or were active, by since when (ms); the last ones")
POLLER = KeyKind("poller", "hash: which replica polls, and until when (ms)")
# Longer than any replica stands back from polling.
STANDS_BACK = KeyKind("stands-back", "until when one replica leaves polling to the others (ms)", timedelta(hours=1))
WATERMARK = KeyKind("watermark", "up to where Intune was read")
POLLING = KeyKind("polling", "hash: when a poll was last complete, what it could not take in, what was told of it")

CHANNELS = KeyKind("channels", "hash: where the bot is installed, by channel")
# A deleted team can be restored for thirty days (learn.microsoft.com, "Restore a deleted Microsoft 365 group").
LEFT = KeyKind("left", "hash: channels of teams that were deleted or left, by channel", timedelta(days=31))
PEOPLE = KeyKind("people", "hash: 1:1 conversations, by account")
UNREACHABLE = KeyKind("unreachable", "hash: since when an account cannot be written to")

# Teams repeats an activity within minutes. Two days are longer than any queue between Teams and the bot.
CLICK = KeyKind("click", "digest and notice of one click", timedelta(days=2))
ANSWERED = KeyKind("answered", "that a message is being answered, or was, by a hash of who wrote it where", CLICK.lives)

NOTICES = KeyKind("notices", "hash: what is gathered for one recipient, `<occasion>:<request>`", timedelta(days=7))
DELEGATIONS = KeyKind("delegations", "hash: who is asked instead of somebody who is away, by their account")
LEDGER = KeyKind("ledger", "how far the emergency process last told that its ledger had come")
PRIVATE = KeyKind("private", "hash: when a conversation last refused an answer for one person alone")
ACCESS_POLICIES = KeyKind("access-policies", "Intune's access policies, as they were last compared")
COVERAGE = KeyKind("coverage", "which workflows cannot reach their quorum, as the operators were last told")

# One counter per person and minute, kept for twice as long as it is read.
REFUSALS = KeyKind("refusals", "how many clicks of one person were refused in one minute", timedelta(minutes=2))

# A draft is valid for 15 minutes. It is kept for longer, so that a late click gets an explanation.
DRAFT = KeyKind("draft", "what somebody thinks of asking for", timedelta(hours=1))
PROMPT = KeyKind("prompt", "what somebody who is about to break glass has typed", timedelta(hours=1))

# The longest that a sign-in may take.
NONCE = KeyKind("nonce", "what one sign-in is for", timedelta(minutes=10))

PROBE = KeyKind("probe", "nothing: that it could be written is what counts", timedelta(minutes=1))

# Longer than the retries of one script: three tries of a few seconds each.
ANSWER = KeyKind("answer", "what one script answered, in case that gets lost", timedelta(minutes=1))

EVERY_KIND = tuple(kind for kind in list(globals().values()) if isinstance(kind, KeyKind))
"""All kinds above."""


class Keys:
    """The keys of one tenant (its directory id)."""

    def __init__(self, tenant: str) -> None:
        if not tenant or "{" in tenant or "}" in tenant:
            raise ValueError("a tenant's name must not be empty or hold braces: it is the hash tag of all its keys")
        self.prefix = f"cs:{{{tenant}}}:"

    def of(self, kind: KeyKind, *names: str) -> str:
        """Return the key of that kind with these names."""
        return self.prefix + ":".join((kind.name, *names))

    def all_of(self, *kinds: KeyKind) -> list[str]:
        """Return the keys of these kinds, which have no names."""
        return [self.of(kind) for kind in kinds]

    def new_answer(self) -> str:
        """Return a new key under which one call of a script keeps its answer."""
        return self.of(ANSWER, secrets.token_urlsafe(12))
