"""`python -m manifest.build`: fill in the manifest and pack it with its icons, for administrators to upload to Teams.

It needs only Python. The same identifiers give the same bytes, wherever and whenever the package is built.
"""

import argparse
import json
import os
import sys
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
ICONS = ("color.png", "outline.png")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can contain: the package does not depend on the build time."""


class Unusable(Exception):
    """The input does not describe a valid app; `mistakes` holds one sentence each."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True, slots=True)
class Installation:
    """The values that differ between organizations.

    Without `sign_in_app_id` nobody signs in: decisions are only tracked. `website_url` is the page that Teams offers
    for support, privacy and terms of use; the default is the bot's own address.
    """

    bot_app_id: str
    public_url: str
    sign_in_app_id: str = ""
    website_url: str = ""

    def __post_init__(self) -> None:
        mistakes = (
            _guid("--bot-app-id", self.bot_app_id),
            _origin("--public-url", self.public_url),
            _guid("--sign-in-app-id", self.sign_in_app_id) if self.sign_in_app_id else "",
            _https("--website-url", self.website_url) if self.website_url else "",
        )
        if any(mistakes):
            raise Unusable(tuple(filter(None, mistakes)))

    @property
    def teams_app_id(self) -> str:
        """Derived from the bot, so that a rebuilt package updates the app and never adds a second one."""
        return str(uuid.uuid5(uuid.UUID(self.bot_app_id), "teams-app"))

    @property
    def blanks(self) -> dict[str, str]:
        """The values for the names in double braces."""
        return {
            "teams_app_id": self.teams_app_id,
            "bot_app_id": self.bot_app_id.lower(),
            "sign_in_app_id": self.sign_in_app_id.lower(),
            "public_host": urlsplit(self.public_url).hostname or "",
            "website_url": self.website_url or self.public_url,
        }


def manifest(installation: Installation) -> dict[str, object]:
    """Return the manifest of this installation's app."""
    text = (HERE / "manifest.json").read_text(encoding="utf-8")
    for name, value in installation.blanks.items():
        text = text.replace("{{" + name + "}}", value)
    filled: dict[str, object] = json.loads(text)
    if not installation.sign_in_app_id:
        del filled["webApplicationInfo"]
    return filled


def package(installation: Installation) -> bytes:
    """Return the zip to upload: the manifest and its two icons, at the root."""
    files = {"manifest.json": (json.dumps(manifest(installation), indent=2) + "\n").encode()}
    files |= {name: (HERE / name).read_bytes() for name in ICONS}
    packed = BytesIO()
    # Stored, not deflated: two versions of zlib may pack the same bytes differently.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, even if built on Windows
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Build from the command line. Return the exit status: 0, or 2 for invalid input."""
    given = _parser().parse_args(arguments)
    try:
        installation = Installation(
            bot_app_id=given.bot_app_id,
            public_url=given.public_url,
            sign_in_app_id=given.sign_in_app_id,
            website_url=given.website_url,
        )
    except Unusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_bytes(package(installation))
    sys.stdout.write(f"{given.out}: upload it in the Teams admin center, under Teams apps, Manage apps.\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m manifest.build", description="Build the Teams app package, the zip that administrators upload."
    )

    def option(flag: str, variable: str, purpose: str) -> None:
        default = os.environ.get(variable, "")
        parser.add_argument(flag, default=default, metavar="…", help=f"{purpose} (default: {variable})")

    option("--bot-app-id", "COUNTERSIGN_BOT_APP_ID", "the registration that Teams knows the bot by")
    option(
        "--sign-in-app-id",
        "COUNTERSIGN_SIGN_IN_APP_ID",
        "the registration that people sign in to; leave it out where decisions are only tracked",
    )
    option("--public-url", "COUNTERSIGN_PUBLIC_URL", "where Teams and browsers reach the bot")
    parser.add_argument(
        "--website-url",
        default="",
        metavar="…",
        help="the page that Teams offers for support, privacy and terms of use (default: the public URL)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build/countersign.zip"), help="the file to write (default: %(default)s)"
    )
    return parser


def _guid(flag: str, written: str) -> str:
    try:
        well_formed = str(uuid.UUID(written)) == written.lower()
    except ValueError:
        well_formed = False
    return "" if well_formed else _mistake(flag, written, "the GUID of an app registration")


def _origin(flag: str, written: str) -> str:
    expected = "an https origin such as https://countersign.example.com, without a path"
    if mistake := _https(flag, written, expected):
        return mistake
    parts = urlsplit(written)
    bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
    return "" if bare else _mistake(flag, written, expected)


def _https(flag: str, written: str, expected: str = "an https address") -> str:
    try:
        parts = urlsplit(written)
        reachable = parts.scheme == "https" and parts.hostname is not None
    except ValueError:  # an IPv6 address with half its brackets
        reachable = False
    unquoted = not set(written) & set('"\\ {}')
    return "" if reachable and unquoted else _mistake(flag, written, expected)


def _mistake(flag: str, written: str, expected: str) -> str:
    return f'{flag} must be {expected}, and "{written}" is not.' if written else f"{flag} is missing: {expected}."


if __name__ == "__main__":
    sys.exit(main())
