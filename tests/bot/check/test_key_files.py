"""`check` and the start report files with keys and certificates that cannot be used."""

import random
from pathlib import Path

import pytest

from bot.check import key_files
from bot.check.finding import Mark
from bot.config.environment import PREFIX, SettingsError
from bot.emergency import settings as emergency
from simulator.story import BOT
from tests.bot.conftest import SetUp
from tests.bot.pems import NOTES, WORD, Issued, issued
from tests.bot.processes import run

OWN = issued()
CONTENTS = {
    "empty": b"",
    "random": random.Random(5).randbytes(2000),
    "text": b"no certificate at all",
    "latin-1": NOTES,
    "half": (OWN.key_pem() + OWN.pem)[:-300],
    "the key alone": OWN.key_pem(),
    "encrypted": OWN.key_pem(WORD) + OWN.pem,
    "PFX that is encrypted": OWN.pfx(WORD),
    "two pairs": OWN.key_pem() + issued(name="other").pem,
}
SETTINGS = ("TLS_FILE", "BOT_CERTIFICATE", "CA_FILE", "ssl_certfile", "ssl_ca_certs")


def named(setup: SetUp, setting: str, content: bytes) -> str:
    """Write a file with this content, let the setting name it, and return the name of the variable."""
    (setup.directory / "file").write_bytes(content)
    if setting.startswith("ssl_"):
        setup.set(REDIS_URL=f"rediss://one?{setting}={setup.directory}/file", SESSION_KEY="k" * 32)
        return "REDIS_URL"
    if setting == "BOT_CERTIFICATE":
        setup.environment.pop(f"{PREFIX}BOT_SECRET", None)
    setup.set(**{setting: str(setup.directory / "file")})
    return setting


@pytest.mark.parametrize("setting", SETTINGS)
async def test_any_content_is_told_in_words(setup: SetUp, setting: str) -> None:
    """Any unusable file is reported with its setting, and nothing else is checked."""
    for name, content in CONTENTS.items():
        if "ca" in setting.lower() and setting != "BOT_CERTIFICATE" and name in ("encrypted", "two pairs"):
            continue  # an authority needs only a certificate, which these contain
        variable = named(setup, setting, content)

        [found] = await setup.troubles()

        assert found.mark is Mark.WRONG
        assert found.what.startswith(f"{PREFIX}{variable}: ")


async def test_a_key_that_entra_does_not_take(setup: SetUp) -> None:
    """An EC key is accepted for the listener and refused for an application."""
    own = issued("ec")
    named(setup, "TLS_FILE", own.key_pem() + own.pem)
    assert await setup.troubles() == []
    named(setup, "BOT_CERTIFICATE", own.key_pem() + own.pem)

    [found] = await setup.troubles()

    assert found.what.startswith("COUNTERSIGN_BOT_CERTIFICATE: ")
    assert "Entra accepts only RSA keys" in found.what


@pytest.mark.parametrize(
    ("one", "mark", "said"),
    [
        (issued(begins=-9, ends=-2), Mark.WRONG, "the certificate expired on "),
        (issued(begins=2), Mark.WRONG, "the certificate is not valid before "),
        (issued(ends=20), Mark.DOUBTFUL, "the certificate expires on "),
    ],
)
async def test_a_certificate_out_of_its_time(setup: SetUp, one: Issued, mark: Mark, said: str) -> None:
    """A certificate outside its validity is reported, and the other checks still run."""
    named(setup, "TLS_FILE", one.key_pem() + one.pem)

    [found] = await setup.troubles()

    assert (found.mark, found.what.startswith(f"COUNTERSIGN_TLS_FILE: {said}")) == (mark, True)


async def test_a_pfx_with_its_passphrase_is_good(setup: SetUp) -> None:
    """A PFX with its passphrase works for an application and for the listener."""
    setup.tenant.world.application(BOT).certificate = OWN.pem.decode()
    named(setup, "BOT_CERTIFICATE", OWN.pfx(WORD))
    setup.set(BOT_CERTIFICATE_PASSPHRASE=WORD, TLS_FILE=str(setup.directory / "file"), TLS_PASSPHRASE=WORD)

    assert await setup.troubles() == []


async def test_nobody_starts_with_such_a_file(setup: SetUp) -> None:
    """The bot explains an unusable file and exits."""
    named(setup, "TLS_FILE", OWN.key_pem(WORD) + NOTES + OWN.pem)

    process = await run("serve", setup.environment, setup.directory)
    told = (await process.communicate())[1].decode()

    assert process.returncode == 1
    assert "COUNTERSIGN_TLS_FILE: the private key in" in told
    assert "set COUNTERSIGN_TLS_PASSPHRASE" in told
    assert "Traceback" not in told


def test_the_emergency_process_names_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The files of the emergency process are checked in the same way, under the names of its settings."""
    (tmp_path / "file").write_bytes(OWN.key_pem(WORD) + OWN.pem)
    given = {
        "TENANT_ID": "0f1d2c3b-4a59-4687-b7a6-95a4b3c2d1e0",
        "ACTOR_APP_ID": "6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22",
        "ACTOR_CERTIFICATE": str(tmp_path / "file"),
        "BOT_APP_ID": "6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22",
        "SIGN_IN_APP_ID": "6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22",
        "ALLOWED": '["6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22"]',
        "LEDGER": str(tmp_path / "ledger"),
        "TLS_FILE": str(tmp_path / "file"),
        "TLS_PASSPHRASE": WORD,
    }
    for name, value in given.items():
        monkeypatch.setenv(emergency.PREFIX + name, value)

    with pytest.raises(SettingsError) as found:
        key_files.refuse_bad_files(key_files.of_emergency(emergency.read()))

    [mistake] = found.value.mistakes
    assert mistake.startswith("COUNTERSIGN_EMERGENCY_ACTOR_CERTIFICATE: the private key in")
    assert mistake.endswith("set COUNTERSIGN_EMERGENCY_ACTOR_CERTIFICATE_PASSPHRASE")
