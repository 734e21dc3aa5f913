"""Checks the files with keys and certificates that settings name.

They are checked when a process starts and by `check`. Commands that stop something, such as `pause`, do not check them:
they have to work while a file is being changed.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from bot.check.finding import CheckResult, Mark
from bot.config.environment import PREFIX, AppIdentity, Settings, SettingsError
from bot.config.redis_address import RedisAddress
from bot.emergency import settings as emergency
from bot.emergency.settings import ProcessSettings
from bot.keys.content import read_proof
from bot.keys.key_file import (
    BadFile,
    KeyFile,
    Validity,
)
from bot.keys.uses import (
    read_for_entra,
    server_context,
    trust,
    validity_of,
)
from bot.store.tls import Tls

SOON = timedelta(days=30)
"""A certificate that expires within this time is reported."""

Judge = Callable[[], Validity | None]
"""Reads a file and returns its validity, if it has one. Raises `BadFile` for an unusable file."""

NamedFile = tuple[str, Judge]
"""The variable that names a file, and how to check it."""


def of_bot(settings: Settings) -> Iterator[NamedFile]:
    """Yield every file that the bot reads."""
    for name in ("bot", "worker", "sign_in", "actor"):
        yield from _of_identity(f"{PREFIX}{name.upper()}", getattr(settings, name))
    yield from _of_both(PREFIX, settings)
    address = RedisAddress.of(settings.redis_url.get_secret_value()) if settings.redis_url else None
    if tls := address and Tls.of(address):
        yield f"{PREFIX}REDIS_URL", partial(_of_redis, tls)


def of_emergency(settings: ProcessSettings) -> Iterator[NamedFile]:
    """Yield every file that the emergency process reads."""
    yield from _of_identity(emergency.CREDENTIAL, settings.actor)
    yield from _of_both(emergency.PREFIX, settings)


def mistakes(files: Iterable[NamedFile]) -> list[str]:
    """Return what is wrong with each file, in a sentence that begins with the variable. Validity times are not
    checked."""
    found = []
    for name, judge in files:
        try:
            judge()
        except BadFile as error:
            found.append(f"{name}: {error}")
    return found


def refuse_bad_files(files: Iterable[NamedFile]) -> None:
    """Raise `SettingsError` with every mistake."""
    if found := mistakes(files):
        raise SettingsError(tuple(found))


def times(files: Iterable[NamedFile], now: datetime) -> Iterator[CheckResult]:
    """Report every certificate that is not valid now, or expires soon. The files must be usable.

    Such a certificate does not prevent a start: the servers that see it decide, by their own clocks.
    """
    for name, judge in files:
        begins, ends = judge() or (now, now + 2 * SOON)
        advice = "Renew the certificate, and register the new one wherever the old one is registered."
        if now < begins:
            what = f"{name}: the certificate is not valid before {begins:%Y-%m-%d %H:%M} UTC"
            yield CheckResult(Mark.WRONG, what, "Wait until then, or correct this host's clock.")
        elif now >= ends:
            yield CheckResult(Mark.WRONG, f"{name}: the certificate expired on {ends:%Y-%m-%d %H:%M} UTC", advice)
        elif ends - now < SOON:
            yield CheckResult(Mark.DOUBTFUL, f"{name}: the certificate expires on {ends:%Y-%m-%d}", advice)


def _of_identity(name: str, identity: AppIdentity | None) -> Iterator[NamedFile]:
    if identity and identity.certificate:
        passphrase = identity.certificate_passphrase.get_secret_value()
        file = KeyFile(identity.certificate, passphrase, f"{name}_CERTIFICATE_PASSPHRASE")
        yield f"{name}_CERTIFICATE", partial(_of_entra, file, identity.thumbprint)


def _of_both(prefix: str, settings: Settings | ProcessSettings) -> Iterator[NamedFile]:
    if file := settings.tls_key:
        yield f"{prefix}TLS_FILE", partial(_of_listener, file)
    if settings.ca_file:
        yield f"{prefix}CA_FILE", lambda: validity_of(trust(settings.ca_file))


def _of_entra(file: KeyFile, thumbprint: str) -> Validity | None:
    return read_for_entra(file, thumbprint).validity


def _of_listener(file: KeyFile) -> Validity | None:
    server_context(file)
    return read_proof(file).validity


def _of_redis(tls: Tls) -> Validity | None:
    authorities, own = validity_of(tls.context()), tls.proof()
    shown = own.validity if own else None
    return min(authorities, shown, key=lambda one: one[1]) if shown else authorities
