"""Draws the gallery's cards and pages as PNG, in light and dark, and writes down of which cards the pictures are.

    make pictures

It needs Node.js, npm and Chromium (`CHROMIUM` names another path than /usr/bin/chromium). The tests compare the cards
with `pictures.json`, so they notice without a browser when a picture is out of date.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))  # run as a script, the repository is not on the path

from cards.request_card import draw  # noqa: E402
from docs.pictures.chats import CHATS, Chat  # noqa: E402
from docs.pictures.emergencies import EMERGENCIES  # noqa: E402
from docs.pictures.gallery import SAMPLES, Sample  # noqa: E402
from docs.pictures.pages import PAGES, Web  # noqa: E402

RECORD = HERE / "pictures.json"
Pictured = Sample | Chat | Web
PICTURED: tuple[Pictured, ...] = (*(sample for sample in SAMPLES if sample.pictured), *CHATS, *EMERGENCIES, *PAGES)
THEMES = ("light", "dark")


def shown(sample: Pictured) -> dict[str, Any]:
    """The sample's card or page, by the code that draws the real ones."""
    if isinstance(sample, Web):
        return {"html": sample.html}
    return {"card": sample.card if isinstance(sample, Chat) else draw(sample.request, sample.view)}


def record() -> dict[str, Any]:
    """For every sample the hash of what is shown and the files that show it."""
    return {
        sample.name: {
            "shown": hashed(shown(sample)),
            "pictures": [f"{sample.name}-{theme}.png" for theme in THEMES],
        }
        for sample in PICTURED
    }


def main() -> None:
    """Draw everything anew; pictures of samples that are gone are removed."""
    for old in HERE.glob("*.png"):
        old.unlink()
    jobs = [
        {**shown(sample), "theme": theme, "width": sample.width, "file": f"{sample.name}-{theme}.png"}
        for sample in PICTURED
        for theme in THEMES
    ]
    drawn(jobs)
    RECORD.write_text(json.dumps(record(), indent=2) + "\n", encoding="utf-8")


def drawn(jobs: Sequence[Mapping[str, Any]]) -> None:
    """Draw each job (`draw.mjs` says what one is); what draws is fetched where it is not here yet."""
    if not (HERE / "node_modules").exists():
        _run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
    _run("node", "draw.mjs", typed=json.dumps(jobs))


def hashed(what: Mapping[str, Any]) -> str:
    """The SHA-256 (hex) by which a record knows what a picture shows."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def _run(program: str, *arguments: str, typed: str = "") -> None:
    path = shutil.which(program)
    if path is None:
        raise SystemExit(f"{program} is needed to draw the pictures")
    subprocess.run([path, *arguments], cwd=HERE, input=typed, text=True, check=True)  # noqa: S603  ours alone


if __name__ == "__main__":
    main()
