"""Checks the audit: how long it is kept, whether and where it is sealed, and who has a copy."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob.aio import ContainerClient
from yarl import URL

from bot.audit_log.directory import LogBusy, LogDirectory
from bot.audit_log.keys import read_key, read_verifiers
from bot.audit_log.note import BadNote
from bot.audit_log.opening import directory_of
from bot.audit_log.retention import needs_confirmation, promised
from bot.audit_log.retention import written as in_text
from bot.check.finding import CheckResult, Mark
from bot.config.environment import Settings
from bot.config.file import Config

SEED_RETENTION = timedelta(days=2555)
"""Seven years, as in the shipped policy document."""

SOON = timedelta(days=30)
"""A signature that expires within this time is reported."""


async def audit_troubles(settings: Settings, config: Config, now: datetime) -> AsyncIterator[CheckResult]:
    """Report everything about the audit that does not work, or may not be intended."""
    for trouble in (
        *_retention(settings, config),
        *_keys(settings),
        *_directory(settings),
        *_outside(settings, config),
    ):
        yield trouble
    if settings.audit_blob_url:
        for trouble in (*_signature(settings.audit_blob_url.get_secret_value(), now), *await _blob(settings)):
            yield trouble


def _retention(settings: Settings, config: Config) -> Iterator[CheckResult]:
    written = config.emergency_access
    if written is None:
        advice = "Set emergencyAccess.auditLogRetention."
        yield _finding("auditLogRetention is not set, so the audit cannot be pruned", advice)
    elif written.audit_log_retention < SEED_RETENTION:
        what = f"The audit may be pruned after {written.audit_log_retention.days} days"
        advice = "Seven years are P2555D. Pruned entries cannot be restored."
        yield _finding(f"{what}, which is LESS THAN SEVEN YEARS", advice)
    if written is not None:
        yield from _promise(LogDirectory(directory_of(settings)), written.audit_log_retention)


def _promise(log: LogDirectory, configured: timedelta) -> Iterator[CheckResult]:
    """Report a retention that differs from the promised one: a shorter one never holds, a longer one needs
    confirmation."""
    try:
        held = promised(log)
    except (OSError, ValueError) as error:
        advice = "Run `python -m bot audit verify`."
        yield _finding(f"The promised retention of the audit cannot be read: {error}", advice)
        return
    if needs_confirmation(configured, held):
        now = f"{in_text(held)} still applies" if held else "nothing is promised yet"
        what = f"auditLogRetention {in_text(configured)} is longer than promised and does not apply: {now}"
        advice = f"Correct it, or confirm it with `python -m bot audit retention confirm {in_text(configured)}`."
        yield _finding(what, advice)
    elif held and configured < held:
        what = f"auditLogRetention {in_text(configured)} is shorter than promised: {in_text(held)} still applies"
        yield _finding(what, f"A promised retention is never shortened. Set auditLogRetention to {in_text(held)}.")


def _keys(settings: Settings) -> Iterator[CheckResult]:
    if settings.redis_url is not None and settings.audit_key is None:
        advice = "Create a key with `python -m bot audit key`, and set COUNTERSIGN_AUDIT_KEY to it on all replicas."
        yield _finding("The audit is not sealed: with COUNTERSIGN_REDIS_URL it needs COUNTERSIGN_AUDIT_KEY", advice)
    for path in (settings.audit_key, settings.audit_old_key):
        try:
            if path:
                read_key(path)
        except (OSError, ValueError) as error:
            advice = "Provide the private key, and beside it the public key (.pub), the same on all replicas."
            yield _finding(f"The audit cannot be sealed: {error}", advice, stops=True)
    try:
        if settings.audit_past_keys:
            read_verifiers(settings.audit_past_keys)
    except (OSError, ValueError, BadNote) as error:
        yield _finding(
            f"COUNTERSIGN_AUDIT_PAST_KEYS: {error}", "The file must have one public key per line.", stops=True
        )
    if settings.audit_old_key and settings.audit_past_keys is None:
        advice = "Before that, put its public key into a file and set COUNTERSIGN_AUDIT_PAST_KEYS to it."
        yield _finding("Sealing will stop when COUNTERSIGN_AUDIT_OLD_KEY is removed", advice)


def _directory(settings: Settings) -> Iterator[CheckResult]:
    path = directory_of(settings)
    if settings.redis_url and settings.audit_dir is None:
        advice = "Set COUNTERSIGN_AUDIT_DIR to a volume that all replicas share."
        yield _finding(f"Each replica may write a separate audit to {path}", advice)
    try:
        if not path.exists():
            return  # it is created at the first sealing
        with LogDirectory(path).writing():
            pass
    except LogBusy:
        return
    except OSError as error:
        advice = "The bot must be able to write and lock files there."
        yield _finding(f"The audit cannot be written: {error}", advice, stops=True)


def _outside(settings: Settings, config: Config) -> Iterator[CheckResult]:
    ours = config.countersign
    is_mailed = ours.mailbox and ours.auditor_groups
    if not (ours.operations_channel or is_mailed or settings.audit_blob_url):
        advice = "Set operationsChannel, or mailbox and auditorGroups, or COUNTERSIGN_AUDIT_BLOB_URL."
        yield _finding(
            "No checkpoint of the audit leaves this host: its newest entries could be removed unnoticed", advice
        )


def _signature(address: str, now: datetime) -> Iterator[CheckResult]:
    ends = URL(address).query.get("se", "")
    try:
        at = datetime.fromisoformat(ends)
        # The zone is not converted: in the year 9999 that overflows.
        left = at.replace(tzinfo=at.tzinfo or UTC) - now
    except (ValueError, OverflowError):
        return
    advice = "Set COUNTERSIGN_AUDIT_BLOB_URL with a new signature. Nothing is sealed without a copy."
    if left <= timedelta():
        yield _finding(
            f"The shared access signature of the audit's blob container expired on {ends}", advice, stops=True
        )
    elif left < SOON:
        yield _finding(f"The shared access signature of the audit's blob container expires on {ends}", advice)


async def _blob(settings: Settings) -> list[CheckResult]:
    """Report whether the container answers. An answer that the name is unknown counts."""
    address = settings.audit_blob_url.get_secret_value() if settings.audit_blob_url else ""
    try:
        async with ContainerClient.from_container_url(address, retry_total=0) as container:
            await container.get_blob_client("checked-by-countersign").get_blob_properties()
    except ResourceNotFoundError as error:
        if getattr(error, "error_code", None) == "BlobNotFound":
            return []
        what = "it does not exist"
    except (AzureError, ValueError) as error:
        what = f"it does not answer ({type(error).__name__})"
    else:
        return []
    advice = "Check COUNTERSIGN_AUDIT_BLOB_URL. Its signature must allow reading, creating and appending."
    return [_finding(f"The audit's blob container: {what}", advice, stops=True)]


def _finding(what: str, advice: str, *, stops: bool = False) -> CheckResult:
    """Return a finding; `stops` means that the audit cannot be sealed at all."""
    return CheckResult(Mark.WRONG if stops else Mark.DOUBTFUL, what, advice)
