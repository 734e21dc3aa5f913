"""The keys that seal the log: each has the name in its public half, and a key that nobody could verify is refused."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from structlog.testing import capture_logs

from bot.audit_log.keys import make_key, read_key, read_verifiers
from bot.audit_log.opening import audit_log
from tests.bot.audit_log.logs import OTHER, SIGNER
from tests.bot.config.test_environment import ENOUGH
from tests.office import settings_of


def test_a_key_has_its_own_name(tmp_path: Path) -> None:
    """A key keeps the name that it was made with."""
    made = make_key(tmp_path / "k.pem", "first.example")
    assert read_key(tmp_path / "k.pem").verifier() == made
    assert read_key(tmp_path / "k.pem").name == "first.example"


@pytest.mark.parametrize(
    ("private", "public", "said"),
    [
        (SIGNER.pem(), OTHER.verifier().text(), "is not the public half of"),
        (SIGNER.pem(), None, "is missing: it holds the name"),
        (SIGNER.pem(), "nonsense", "this is no public key"),
        (b"nonsense", SIGNER.verifier().text(), "holds neither PEM"),
        (
            SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
            SIGNER.verifier().text(),
            "is encrypted",
        ),
        (
            generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            SIGNER.verifier().text(),
            "holds no Ed25519 key",
        ),
    ],
    ids=["another's", "none", "nonsense", "private nonsense", "encrypted", "another kind"],
)
def test_what_cannot_seal(tmp_path: Path, private: bytes, public: str | None, said: str) -> None:
    """The bot refuses a key that cannot seal, because otherwise every verification would fail years later."""
    (tmp_path / "k.pem").write_bytes(private)
    if public is not None:
        (tmp_path / "k.pub").write_text(public)
    with pytest.raises(ValueError, match=said):
        read_key(tmp_path / "k.pem")


def opened(**environment: str) -> tuple[list[str], list[str]]:
    """Open the audit with these settings; return the names of its keys and the logged events."""
    settings = settings_of({f"COUNTERSIGN_{name}": value for name, value in (ENOUGH | environment).items()})
    with capture_logs() as logged:
        audit = audit_log(settings, None, None, None, None)  # type: ignore[arg-type]  # none of these is used
    return [signer.name for signer in audit.signers] if audit else [], [line["event"] for line in logged]


def test_which_keys_are_used(tmp_path: Path) -> None:
    """The new key comes before the old key; without an address of Redis a key is made, and keeps the name that the bot
    had then."""
    made, state = tmp_path / "new.pem", str(tmp_path / "state")
    make_key(made, "new.example")
    make_key(tmp_path / "old.pem", "old.example")
    keys = {
        "AUDIT_KEY": str(made),
        "AUDIT_OLD_KEY": str(tmp_path / "old.pem"),
        "AUDIT_PAST_KEYS": str(tmp_path / "old.pub"),
    }
    assert opened(STATE_DIR=state, **keys) == (["new.example", "old.example"], [])
    assert opened(STATE_DIR=state) == (["approvals.contoso.example"], ["audit_key_made"])
    assert opened(STATE_DIR=state, PUBLIC_URL="https://elsewhere.example") == (["approvals.contoso.example"], [])
    [public] = read_verifiers(tmp_path / "state" / "audit-key.pub")
    assert public.name == "approvals.contoso.example"


def test_what_is_said_at_the_start(tmp_path: Path) -> None:
    """With an address of Redis, the start warns if there is no key, or if the replicas may not share one directory."""
    make_key(tmp_path / "k.pem", "host")
    redis = {"REDIS_URL": "redis://localhost", "SESSION_KEY": "s" * 32, "STATE_DIR": str(tmp_path)}
    assert opened(**redis) == ([], ["audit_not_sealed"])
    redis |= {"AUDIT_KEY": str(tmp_path / "k.pem")}
    assert opened(**redis) == (["host"], ["audit_directory_may_not_be_shared"])
    assert opened(**redis, AUDIT_DIR=str(tmp_path / "audit")) == (["host"], [])
