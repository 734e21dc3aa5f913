"""Settings that are missing for what the configuration asks for, and what remembers the store."""

from collections.abc import Iterator

from bot.audit_log.opening import directory_of, sealed_log_witness
from bot.config.environment import Settings
from bot.config.file import (
    Config,
)
from bot.outside import is_allowed
from bot.store.epoch import Remembered
from bot.store.witness_file import WitnessFile


def witnesses_of(settings: Settings) -> list[Remembered]:
    """Return the memories of the store that survive a restart: the witness file and the sealed log."""
    found = [WitnessFile(settings.state_dir).read(), sealed_log_witness(directory_of(settings))]
    return [one for one in found if one is not None]


def missing_to_file(settings: Settings) -> Iterator[str]:
    """Yield the missing settings for filing chat requests."""
    if settings.actor is None:
        yield "COUNTERSIGN_ACTOR_APP_ID and its credential"
    if settings.sign_in is None:
        yield "COUNTERSIGN_SIGN_IN_APP_ID and its credential"
    if not settings.filing_keys:
        yield "COUNTERSIGN_FILING_KEY"


def missing_to_tell(settings: Settings, config: Config) -> Iterator[str]:
    """Yield the missing settings for the alarm addresses."""
    alarm = config.countersign.alarm
    for name, address in (("webhook", alarm.webhook), ("heartbeat", alarm.heartbeat)):
        if address and not is_allowed(address, settings.alarm_origins):
            yield f"countersign.alarm.{name}: its origin is not in COUNTERSIGN_ALARM_ORIGINS"
    if alarm.webhook and not settings.webhook_keys:
        yield "countersign.alarm.webhook: this needs COUNTERSIGN_ALARM_WEBHOOK_SECRET"
