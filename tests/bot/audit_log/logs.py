"""Audit logs for tests, and the result of verifying them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from approvals.audit import AuditEntry, Identified, Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.note import NoteSigner, Verifier
from bot.audit_log.resume import Numbered
from bot.audit_log.sealer import Sealer
from bot.audit_log.verdict import Verification
from bot.audit_log.verify import verify
from bot.store.sealed import Sealed

ORIGIN = "countersign.example/audit/20261123T082000Z"
SIGNER = NoteSigner("countersign.example", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = NoteSigner("countersign.example", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = datetime(2030, 1, 1, tzinfo=UTC)
"""A time after every entry of these logs, as the sealer's clock."""


def entries(count: int, start: datetime = MORNING, step: timedelta = timedelta(minutes=20)) -> list[Numbered]:
    """Return this many numbered entries, by default 20 minutes apart."""
    return [
        (
            number,
            AuditEntry(
                Kind.VOTED, start + number * step, f"R{number % 7}", "alex", "Alex Adler", Identified.BY_CHANNEL
            ),
        )
        for number in range(1, count + 1)
    ]


def sealed(
    path: Path,
    some: Sequence[Numbered],
    batch: int = 30,
    signers: Sequence[NoteSigner] = (SIGNER,),
    now: datetime = LATER,
) -> Sealed:
    """Seal these entries in batches into a log at this path, and return the last state."""
    sealer, state = Sealer(LogDirectory(path), signers), Sealed()
    for start in range(0, len(some), batch):
        state = sealer.seal(state, some[start : start + batch], now)
    return state


def verdict(path: Path, *outside: str, keys: Sequence[Verifier] = (SIGNER.verifier(),)) -> Verification:
    """Return the result of verifying the log at this path."""
    return verify(LogDirectory(path), keys, outside)
