"""The package that administrators upload: right for Teams, the same bytes every time, and no app from bad input."""

import json
import struct
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from manifest.build import HERE, Installation, Unusable, main, manifest, package

ROOT = HERE.parent
BOT = "6F1C0A3E-52A1-4D0F-9B7E-0C8D6A1E4B22"
SIGN_IN = "b3d94f10-7c55-4e0a-8a43-5f2f9c7d1e08"
CONTOSO = Installation(bot_app_id=BOT, public_url="https://approvals.contoso.example", sign_in_app_id=SIGN_IN)

NPM_SCHEMA = ROOT / "build/schemas/node_modules/@microsoft/app-manifest/build/json-schemas/teams/v1.29"
"""Where `npm install --prefix build/schemas` puts Microsoft's own package of the schemas."""


def official_schema() -> dict[str, Any]:
    """Microsoft's schema of the manifest: from npm's package, else from a folder of schemas beside the repository."""
    places = (
        NPM_SCHEMA / "MicrosoftTeams.schema.json",
        *ROOT.parent.glob("*/schemas/teams/teams-manifest-1.29.schema.json"),
    )
    for place in filter(Path.is_file, places):
        schema: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return schema
    pytest.skip("no schema here: npm install --prefix build/schemas @microsoft/app-manifest@1.1.2 brings it")


def png(icon: str) -> tuple[int, int, int]:
    """Width, height and colour type, as the header of an icon's PNG tells them."""
    content = (HERE / icon).read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, _depth, colour_type = struct.unpack_from(">IIBB", content, 16)
    return width, height, colour_type


@pytest.mark.parametrize("sign_in", [SIGN_IN, ""])
def test_the_manifest_fits_the_official_schema(sign_in: str) -> None:
    """With and without a sign-in application, Teams' own schema of version 1.29 finds nothing wrong."""
    made = manifest(Installation(bot_app_id=BOT, public_url="https://a.example", sign_in_app_id=sign_in))

    errors = [error.message for error in Draft4Validator(official_schema()).iter_errors(made)]

    assert errors == []


def test_the_schema_would_notice() -> None:
    """The check above is a real one: a channel property that 1.29 does not know is found."""
    broken = manifest(CONTOSO) | {"supportsChannelFeatures": "tier9"}

    assert list(Draft4Validator(official_schema()).iter_errors(broken))


def test_every_blank_is_filled_in() -> None:
    """No name in double braces reaches Teams."""
    assert "{{" not in json.dumps(manifest(CONTOSO))


def test_sign_in_asks_for_a_token_that_only_this_bot_takes() -> None:
    """The application is the sign-in one, the resource names the bot: what the sign-in code expects of a token."""
    assert manifest(CONTOSO)["webApplicationInfo"] == {"id": SIGN_IN, "resource": f"api://botid-{BOT.lower()}"}


def test_without_a_sign_in_application_nobody_is_signed_in() -> None:
    """Where decisions are only tracked, Teams is told of no application to sign in to."""
    tracking = Installation(bot_app_id=BOT, public_url="https://a.example")

    assert "webApplicationInfo" not in manifest(tracking)


def test_the_sign_in_page_is_the_only_page() -> None:
    """Teams opens the bot's own host and no other, whatever port and slash the public address has."""
    made = manifest(Installation(bot_app_id=BOT, public_url="https://Approvals.contoso.example:8443/"))

    assert made["validDomains"] == ["approvals.contoso.example"]


def test_channels_are_declared_as_teams_demands() -> None:
    """From 1.25 on, Teams refuses a package for teams without the tier, and one that lists channel types."""
    made = manifest(CONTOSO)

    assert made["supportsChannelFeatures"] == "tier1"
    assert "supportedChannelTypes" not in made


def test_slash_commands_are_offered_where_teams_has_them() -> None:
    """In channels and group chats by slash and by mention; a 1:1 chat has no slash commands of apps."""
    (bot,) = json.loads(json.dumps(manifest(CONTOSO)["bots"]))
    offered = {scope: set(commands["triggers"]) for commands in bot["commandLists"] for scope in commands["scopes"]}

    assert bot["supportsTargetedMessages"] is True
    assert set(bot["scopes"]) == set(offered)
    assert offered == {"team": {"slash", "mention"}, "groupChat": {"slash", "mention"}, "personal": {"mention"}}


def test_the_app_stays_the_same_app() -> None:
    """Its id follows from the bot's, in any casing: a new package updates the app, another bot is another app."""
    moved = Installation(bot_app_id=BOT.lower(), public_url="https://elsewhere.example")
    other = Installation(bot_app_id=SIGN_IN, public_url="https://elsewhere.example")

    assert moved.teams_app_id == CONTOSO.teams_app_id
    assert other.teams_app_id != CONTOSO.teams_app_id


def test_the_package_holds_three_files_at_its_root() -> None:
    """Teams looks nowhere else, and anything more is refused."""
    with zipfile.ZipFile(BytesIO(package(CONTOSO))) as archive:
        assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert archive.testzip() is None
        assert json.loads(archive.read("manifest.json")) == manifest(CONTOSO)


def test_the_same_identifiers_give_the_same_bytes() -> None:
    """Also in another process: neither the clock nor the order of a set goes in."""
    program = f"import sys; from manifest.build import *; sys.stdout.buffer.write(package({CONTOSO!r}))"

    elsewhere = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True).stdout

    assert elsewhere == package(CONTOSO)


@pytest.mark.parametrize(("icon", "header"), [("color.png", (192, 192, 2)), ("outline.png", (32, 32, 4))])
def test_icons_are_what_teams_demands(icon: str, header: tuple[int, int, int]) -> None:
    """192 pixels square and opaque (colour type 2), and a transparent outline of 32 in shades of white (4)."""
    assert png(icon) == header


GUID = "the GUID of an app registration"
ORIGIN = "an https origin such as https://countersign.example.com, without a path"


@pytest.mark.parametrize(
    ("flag", "value", "sentence"),
    [
        ("--bot-app-id", "", f"--bot-app-id is missing: {GUID}."),
        ("--bot-app-id", "countersign", f'--bot-app-id must be {GUID}, and "countersign" is not.'),
        ("--bot-app-id", f"{{{BOT}}}", f'--bot-app-id must be {GUID}, and "{{{BOT}}}" is not.'),
        ("--sign-in-app-id", BOT[:-1], f'--sign-in-app-id must be {GUID}, and "{BOT[:-1]}" is not.'),
        ("--public-url", "", f"--public-url is missing: {ORIGIN}."),
        ("--public-url", "http://a.example", f'--public-url must be {ORIGIN}, and "http://a.example" is not.'),
        ("--public-url", "a.example", f'--public-url must be {ORIGIN}, and "a.example" is not.'),
        ("--public-url", "https://", f'--public-url must be {ORIGIN}, and "https://" is not.'),
        ("--public-url", "https://[::1", f'--public-url must be {ORIGIN}, and "https://[::1" is not.'),
        (
            "--public-url",
            "https://a.example/bot",
            f'--public-url must be {ORIGIN}, and "https://a.example/bot" is not.',
        ),
        ("--public-url", "https://me@a.example", f'--public-url must be {ORIGIN}, and "https://me@a.example" is not.'),
        (
            "--website-url",
            'https://a.example/"',
            '--website-url must be an https address, and "https://a.example/"" is not.',
        ),
    ],
)
def test_bad_input_gets_its_sentence(
    flag: str, value: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence that names the option and what is expected; status 2, and no file is written."""
    given = {"--bot-app-id": BOT, "--sign-in-app-id": SIGN_IN, "--public-url": "https://a.example"} | {flag: value}
    out = tmp_path / "app.zip"

    status = main([*(word for pair in given.items() for word in pair), "--out", str(out)])

    assert (status, capsys.readouterr().err) == (2, f"{sentence}\n")
    assert not out.exists()


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody corrects one only to be shown the next."""
    with pytest.raises(Unusable) as caught:
        Installation(bot_app_id="", public_url="", sign_in_app_id="x")

    assert [mistake.split()[0] for mistake in caught.value.mistakes] == [
        "--bot-app-id",
        "--public-url",
        "--sign-in-app-id",
    ]


def test_the_environment_of_the_bot_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that the bot runs with need not be written again; folders are made."""
    monkeypatch.setenv("COUNTERSIGN_BOT_APP_ID", BOT)
    monkeypatch.setenv("COUNTERSIGN_SIGN_IN_APP_ID", SIGN_IN)
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", CONTOSO.public_url)
    out = tmp_path / "new" / "app.zip"

    assert main(["--out", str(out)]) == 0
    assert out.read_bytes() == package(CONTOSO)
