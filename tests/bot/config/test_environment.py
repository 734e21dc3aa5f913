"""The settings from the environment: what is required, what is refused, and that secrets are never shown."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel

from bot.config.clouds import CLOUDS, CloudName
from bot.config.environment import PREFIX, AppIdentity, Settings, SettingsError, names_in_file, read

TENANT = "0f1d2c3b-4a59-4687-b7a6-95a4b3c2d1e0"
BOT = "6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22"
WORKER = "b3d94f10-7c55-4e0a-8a43-5f2f9c7d1e08"
ENOUGH = {
    "TENANT_ID": TENANT,
    "PUBLIC_URL": "https://approvals.contoso.example",
    "BOT_APP_ID": BOT,
    "BOT_SECRET": "the-bots-own-word",
    "WORKER_APP_ID": WORKER,
    "WORKER_SECRET": "the-workers-own-word",
}
ORIGIN = "this must be an https origin such as https://countersign.example.com, without a path"
GUID = "this has the wrong format; check for a typing error"
ROOT = Path(__file__).parents[3]

Reading = Callable[..., Settings]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Reading:
    """Return a function that reads the settings of a sufficient environment with these changes (`None`: not set)."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)

    def reading(**differences: str | None) -> Settings:
        for name, value in (ENOUGH | differences).items():
            if value is not None:
                monkeypatch.setenv(PREFIX + name, value)
        return read()

    return reading


def test_enough_is_little(settings: Reading) -> None:
    """Only the tenant, the address and two identities are required; the default cloud is the global one."""
    found = settings()

    assert found.bot.credential().secret == "the-bots-own-word"
    assert found.addresses == CLOUDS[CloudName.GLOBAL]
    assert found.redis_url is None
    assert found.sign_in is None
    assert found.token_resource == f"api://botid-{BOT}"


def test_everything_that_is_missing_is_told_at_once(settings: Reading) -> None:
    """All missing variables are reported at once."""
    with pytest.raises(SettingsError) as found:
        settings(**dict.fromkeys(ENOUGH))

    assert found.value.mistakes == (
        "COUNTERSIGN_TENANT_ID: this is missing",
        "COUNTERSIGN_PUBLIC_URL: this is missing",
        (
            "COUNTERSIGN_BOT_APP_ID: this is missing; set it, and COUNTERSIGN_BOT_SECRET, COUNTERSIGN_BOT_CERTIFICATE "
            "or COUNTERSIGN_BOT_MANAGED_IDENTITY"
        ),
        (
            "COUNTERSIGN_WORKER_APP_ID: this is missing; set it, and COUNTERSIGN_WORKER_SECRET, "
            "COUNTERSIGN_WORKER_CERTIFICATE or COUNTERSIGN_WORKER_MANAGED_IDENTITY"
        ),
    )


def one_proof(role: str) -> str:
    name = f"COUNTERSIGN_{role}"
    return f"set exactly one of {name}_SECRET, {name}_CERTIFICATE and {name}_MANAGED_IDENTITY"


WRONG: list[tuple[dict[str, str | None], list[str]]] = [
    ({"TENANT_ID": "contoso.onmicrosoft.com"}, [f"COUNTERSIGN_TENANT_ID: {GUID}"]),
    ({"PUBLIC_URL": "http://approvals.contoso.example"}, [f"COUNTERSIGN_PUBLIC_URL: {ORIGIN}"]),
    ({"PUBLIC_URL": "https://approvals.contoso.example/bot"}, [f"COUNTERSIGN_PUBLIC_URL: {ORIGIN}"]),
    ({"PUBLIC_URL": "https://me:word@approvals.contoso.example"}, [f"COUNTERSIGN_PUBLIC_URL: {ORIGIN}"]),
    ({"PUBLIC_URL": "https://approvals.contoso.example/#x"}, [f"COUNTERSIGN_PUBLIC_URL: {ORIGIN}"]),
    ({"PUBLIC_URL": "https://approvals.contoso.example:99999"}, [f"COUNTERSIGN_PUBLIC_URL: {ORIGIN}"]),
    ({"PUBLIC_URL": "approvals.contoso.example"}, [f"COUNTERSIGN_PUBLIC_URL: {ORIGIN}"]),
    ({"BOT_METADATA": "http://login.example/keys"}, ["COUNTERSIGN_BOT_METADATA: this must be an https address"]),
    ({"AUTHORITY": "http://login.example"}, [f"COUNTERSIGN_AUTHORITY: {ORIGIN}"]),
    (
        {"SERVICE_ORIGINS": '["http://x.example"]'},
        [
            (
                'COUNTERSIGN_SERVICE_ORIGINS: "http://x.example" is not an https origin such as '
                "https://smba.trafficmanager.net"
            )
        ],
    ),
    (
        {"SERVICE_ORIGINS": "https://x.example,https://y.example"},
        [
            (
                "COUNTERSIGN_SERVICE_ORIGINS: this must be a JSON list of https origins such as "
                '["https://smba.trafficmanager.net"]'
            )
        ],
    ),
    ({"PORT": "tcp://10.0.0.1:8080"}, ["COUNTERSIGN_PORT: this must be a whole number"]),
    ({"PORT": "70000"}, ["COUNTERSIGN_PORT: this must be at most 65535"]),
    ({"LOG_LEVEL": "chatty"}, ['COUNTERSIGN_LOG_LEVEL: this must be "DEBUG", "INFO", "WARNING" or "ERROR"']),
    ({"CLOUD": "china"}, ['COUNTERSIGN_CLOUD: this must be "global", "gcc", "gcc-high" or "dod"']),
    ({"CA_FILE": "missing.pem"}, ["COUNTERSIGN_CA_FILE: there is no file missing.pem"]),
    ({"TLS_FILE": "missing.pem"}, ["COUNTERSIGN_TLS_FILE: there is no file missing.pem"]),
    ({"SESSION_KEY": "short"}, ["COUNTERSIGN_SESSION_KEY: this must have at least 32 characters"]),
    (
        {"TLS_PASSPHRASE": "word"},
        ["COUNTERSIGN_TLS_PASSPHRASE: this needs COUNTERSIGN_TLS_FILE, which is not set"],
    ),
    (
        {"BOT_CERTIFICATE_PASSPHRASE": "word"},
        ["COUNTERSIGN_BOT_CERTIFICATE_PASSPHRASE needs COUNTERSIGN_BOT_CERTIFICATE, which is not set"],
    ),
    ({"TLS_FILE": "."}, ["COUNTERSIGN_TLS_FILE: there is no file ."]),
    # Each application needs exactly one credential.
    ({"BOT_SECRET": None}, [one_proof("BOT")]),
    ({"BOT_SECRET": ""}, [one_proof("BOT")]),
    ({"WORKER_MANAGED_IDENTITY": BOT}, [one_proof("WORKER")]),
    ({"SIGN_IN_APP_ID": WORKER}, [one_proof("SIGN_IN")]),
    (
        {"SIGN_IN_SECRET": "word"},
        ["COUNTERSIGN_SIGN_IN_APP_ID: this is missing"],
    ),
    (
        {"BOT_SECRET": None, "BOT_CERTIFICATE": "missing.pem"},
        ["COUNTERSIGN_BOT_CERTIFICATE: there is no file missing.pem"],
    ),
    (
        {"BOT_THUMBPRINT": "AB12"},
        ["COUNTERSIGN_BOT_THUMBPRINT needs COUNTERSIGN_BOT_CERTIFICATE, which is not set"],
    ),
    # Replicas must be able to decrypt each other's sign-ins.
    (
        {"SIGN_IN_APP_ID": WORKER, "SIGN_IN_SECRET": "word", "REDIS_URL": "redis://redis"},
        ["COUNTERSIGN_SESSION_KEY: this is missing; with a Redis, set it to the same value on all replicas"],
    ),
    (
        {"TENANT_ID": "x", "PORT": "-1", "BOT_APP_ID": "y", "CLOUD": "moon"},
        [
            f"COUNTERSIGN_TENANT_ID: {GUID}",
            f"COUNTERSIGN_BOT_APP_ID: {GUID}",
            "COUNTERSIGN_PORT: this must be at least 0",
            'COUNTERSIGN_CLOUD: this must be "global", "gcc", "gcc-high" or "dod"',
        ],
    ),
]


@pytest.mark.parametrize(("differences", "sentences"), WRONG)
def test_a_mistake_is_told_with_the_variables_name(
    settings: Reading, differences: dict[str, str | None], sentences: list[str]
) -> None:
    """Each message names the variable and says what it must be."""
    with pytest.raises(SettingsError) as found:
        settings(**differences)

    assert list(found.value.mistakes) == sentences


def test_an_identity_is_no_variable_of_its_own(settings: Reading) -> None:
    """`COUNTERSIGN_BOT` is not a setting, and setting it gives a message instead of a traceback."""
    with pytest.raises(SettingsError, match="bot"):
        settings(BOT="6f1c0a3e")


def test_an_empty_variable_is_not_set(settings: Reading) -> None:
    """An empty variable counts as not set, because Compose files and templates leave some behind."""
    found = settings(REDIS_URL="", SIGN_IN_APP_ID="", SIGN_IN_SECRET="", SESSION_KEY="", CA_FILE="")

    assert found.redis_url is None
    assert found.sign_in is None
    assert found.ca_file is None


def test_settings_may_stand_in_a_file(settings: Reading, tmp_path: Path) -> None:
    """`.env` in the working directory is read too, and the environment takes precedence."""
    (tmp_path / ".env").write_text("COUNTERSIGN_PORT=9000\nCOUNTERSIGN_HOST=0.0.0.0\nOTHERS=1\n")

    found = settings(PORT="9001")

    assert (found.host, found.port) == ("0.0.0.0", 9001)


def test_a_file_of_settings_that_is_not_utf_8(settings: Reading, tmp_path: Path) -> None:
    """A file that is not UTF-8 is named, and no traceback shows its content."""
    (tmp_path / ".env").write_bytes(b"COUNTERSIGN_BOT_SECRET=caf\xe9\n")

    for reading in (settings, names_in_file):
        with pytest.raises(SettingsError, match=r"^\.env contains a character"):
            reading()


@pytest.mark.parametrize(
    "address", ["https://[hush", "https:///x?sig=hush", "http://a/b?sig=hush", "https://a?sig=hush"]
)
def test_a_container_that_is_none_is_not_repeated(settings: Reading, address: str) -> None:
    """An invalid container address is not repeated, because it contains a signature."""
    with pytest.raises(SettingsError, match="COUNTERSIGN_AUDIT_BLOB_URL: this must be the https address") as found:
        settings(AUDIT_BLOB_URL=address)

    assert "hush" not in f"{found.value} {found.value.__context__}"


def test_each_way_to_prove_an_identity(settings: Reading, tmp_path: Path) -> None:
    """An identity can have a certificate with a thumbprint, or a managed identity."""
    pem = tmp_path / "bot.pem"
    pem.write_text("-----BEGIN PRIVATE KEY-----\n")

    found = settings(
        BOT_SECRET=None,
        BOT_CERTIFICATE=str(pem),
        BOT_THUMBPRINT="AB12",
        WORKER_SECRET=None,
        WORKER_MANAGED_IDENTITY=BOT,
    )

    assert (found.bot.credential().certificate, found.bot.credential().thumbprint) == (pem, "AB12")
    assert found.worker.credential().managed_identity == BOT


SECRETS = {
    "BOT_SECRET": "hush-bot",
    "WORKER_SECRET": "hush-worker",
    "SIGN_IN_APP_ID": WORKER,
    "SIGN_IN_SECRET": "hush-sign-in",
    "REDIS_URL": "redis://:hush-redis@redis:6379",
    "SESSION_KEY": "hush-" * 8,
    "TLS_FILE": __file__,
    "TLS_PASSPHRASE": "hush-tls",
}


def test_no_secret_shows(settings: Reading) -> None:
    """Printed settings contain no secret, in any format."""
    found = settings(**SECRETS)

    for part in (found, found.bot, found.sign_in, found.bot.credential(), found.redis_url, found.session_key):
        assert "hush" not in f"{part!r} {part}"
    assert "hush" not in found.model_dump_json()


@pytest.mark.parametrize("wrong", [{"PORT": "x"}, {"SESSION_KEY": "hush-short"}, {"BOT_MANAGED_IDENTITY": BOT}])
def test_no_secret_shows_in_a_mistake(settings: Reading, wrong: dict[str, str]) -> None:
    """A message about a mistake does not contain the value."""
    with pytest.raises(SettingsError) as found:
        settings(**(SECRETS | wrong))

    assert "hush" not in f"{found.value!r} {found.value} {found.value.__context__!r} {found.value.__context__}"
    assert found.value.__suppress_context__


@pytest.mark.parametrize("cloud", list(CloudName))
def test_one_word_gives_all_addresses_of_a_cloud(settings: Reading, cloud: CloudName) -> None:
    """Every cloud has a complete set of https addresses."""
    found = settings(CLOUD=cloud.value).addresses

    hosts = [
        str(urlsplit(url).hostname) for url in (found.authority, found.graph, found.bot_metadata, found.bot_issuer)
    ]
    assert found == CLOUDS[cloud]
    assert found.authority.startswith("https://")
    assert {host.endswith(".us") for host in hosts} == {cloud in {CloudName.GCC_HIGH, CloudName.DOD}}


@pytest.mark.parametrize(
    ("cloud", "teams"),
    [
        (CloudName.GLOBAL, "https://teams.microsoft.com"),
        (CloudName.GCC, "https://teams.microsoft.com"),
        (CloudName.GCC_HIGH, "https://gov.teams.microsoft.us"),
        (CloudName.DOD, "https://dod.teams.microsoft.us"),
    ],
)
def test_people_open_teams_where_their_cloud_has_it(settings: Reading, cloud: CloudName, teams: str) -> None:
    """Links to Teams use the host of the cloud, because people cannot sign in to another one."""
    assert settings(CLOUD=cloud.value).addresses.teams == teams


@pytest.mark.parametrize(
    ("cloud", "portal"),
    [
        (CloudName.GLOBAL, "https://intune.microsoft.com/#view/"),
        (CloudName.GCC, "https://intune.microsoft.com/#view/"),
        (CloudName.GCC_HIGH, "https://intune.microsoft.us/#view/"),
        (CloudName.DOD, "https://intune.microsoft.us/#view/"),
    ],
)
def test_people_open_intune_where_their_cloud_has_it(settings: Reading, cloud: CloudName, portal: str) -> None:
    """Both US government clouds share one admin center, which differs from the public one."""
    assert settings(CLOUD=cloud.value).addresses.portal_url.startswith(portal)


def test_an_address_of_ones_own_replaces_the_clouds(settings: Reading) -> None:
    """Each address can be set separately; the others stay those of the cloud."""
    origins = ["https://localhost:1", "https://*.example.com"]

    found = settings(GRAPH="https://graph.example/", SERVICE_ORIGINS=json.dumps(origins)).addresses

    assert found.graph == "https://graph.example"
    assert found.service_origins == tuple(origins)
    assert found.authority == CLOUDS[CloudName.GLOBAL].authority


def test_every_variable_is_explained_in_the_documentation() -> None:
    """docs/configuration.md names every variable."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    roles = [name for name in Settings.model_fields if name in {"bot", "worker", "sign_in", "actor"}]
    names = [name for name in Settings.model_fields if name not in roles]
    names += [f"{role}_{name}" for role in roles for name in fields_of(AppIdentity)]

    assert [name for name in names if f"`{PREFIX}{name.upper()}`" not in page] == []


def fields_of(model: type[BaseModel]) -> list[str]:
    return list(model.model_fields)
