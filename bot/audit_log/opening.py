"""Creates the audit log from the settings: current and past signing keys, and the directory."""

from pathlib import Path

import structlog

from bot.audit_log.blob import BlobCopy
from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import number_in
from bot.audit_log.keys import PUBLIC, make_key, read_key, read_verifiers
from bot.audit_log.note import Verifier
from bot.audit_log.places import AUDIT_DIR, OWN_KEY
from bot.audit_log.service import AuditLog
from bot.audit_log.telling import Telling
from bot.config.environment import Settings
from bot.store import Store
from bot.store.epoch import Remembered
from handlers.ports.clock import Clock

log = structlog.get_logger(__name__)


def directory_of(settings: Settings) -> Path:
    """Return the log's directory."""
    return settings.audit_dir or settings.state_dir / AUDIT_DIR


def sealed_log_witness(directory: Path) -> Remembered | None:
    """Return what the sealed log remembers of the store: its last entry's number; `None` if there is no log."""
    log = LogDirectory(directory)
    for day in reversed(log.days()):
        numbers = [number for line in log.lines(day) if (number := number_in(line))]
        if numbers:
            return Remembered(numbers[-1])
    return None


def audit_log(
    settings: Settings, telling: Telling, clock: Clock, store: Store, copy: BlobCopy | None
) -> AuditLog | None:
    """Return this bot's audit log; `None` if replicas share a Redis and no key is set, because each would make its own.

    Raises `ValueError` and `OSError` for unusable keys.
    """
    paths = _keys(settings)
    if not paths and settings.redis_url:
        log.warning("audit_not_sealed", why="COUNTERSIGN_AUDIT_KEY is not set")
        return None
    if settings.redis_url and settings.audit_dir is None:
        log.warning("audit_directory_may_not_be_shared", directory=str(directory_of(settings)))
    signers = [read_key(path) for path in paths or [_own_key(settings)]]
    return AuditLog(telling, clock, store, LogDirectory(directory_of(settings)), signers, _past(settings), copy)


def verifiers_of(settings: Settings) -> list[Verifier]:
    """Return every public key that this bot knows, for a command on its host. Raises what `audit_log` raises."""
    paths = _keys(settings) or [settings.state_dir / OWN_KEY]
    return [*(read_key(path).verifier() for path in paths), *_past(settings)]


def _keys(settings: Settings) -> list[Path]:
    return [path for path in (settings.audit_key, settings.audit_old_key) if path]


def _past(settings: Settings) -> list[Verifier]:
    return read_verifiers(settings.audit_past_keys) if settings.audit_past_keys else []


def _own_key(settings: Settings) -> Path:
    """Return the key of a bot with an embedded server. It is made at the first start, with the bot's name at that
    time."""
    path = settings.state_dir / OWN_KEY
    if not path.exists():
        if not LogDirectory(directory_of(settings)).days():
            path.with_suffix(PUBLIC).unlink(missing_ok=True)  # making it was interrupted, and it has signed nothing
        make_key(path, str(settings.public_url).removeprefix("https://"))
        log.warning("audit_key_made", file=str(path))
    return path
