"""Draws the gallery's cards and pages as PNG, in light and dark, and records which cards the pictures show.

    make pictures

It needs Node.js, npm and Chromium (`CHROMIUM` names another path than /usr/bin/chromium). The tests compare the cards
with `pictures.json`, so they find outdated pictures without a browser.
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
from docs.pictures.pages import PAGES, Web  # noqa: E402
from tests.samples.chats import CHATS, Chat  # noqa: E402
from tests.samples.emergencies import EMERGENCIES  # noqa: E402
from tests.samples.gallery import SAMPLES, Sample  # noqa: E402

RECORD = HERE / "pictures.json"
Pictured = Sample | Chat | Web
PICTURED: tuple[Pictured, ...] = (*(sample for sample in SAMPLES if sample.pictured), *CHATS, *EMERGENCIES, *PAGES)
THEMES = ("light", "dark")


def shown(sample: Pictured) -> dict[str, Any]:
    """Return the sample's card or page, made by the product's own code."""
    if isinstance(sample, Web):
        return {"html": sample.html}
    return {"card": sample.card if isinstance(sample, Chat) else draw(sample.request, sample.view)}


def record() -> dict[str, Any]:
    """Return for each sample the hash of what is shown and the names of its pictures."""
    return {
        sample.name: {
            "shown": hashed(shown(sample)),
            "pictures": [f"{sample.name}-{theme}.png" for theme in THEMES],
        }
        for sample in PICTURED
    }


def main() -> None:
    """Draw all pictures, and delete those of removed samples."""
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
    """Draw each job (see `draw.mjs` for its format); install the drawing tools if they are missing."""
    if not (HERE / "node_modules").exists():
        _run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
    _run("node", "draw.mjs", typed=json.dumps(jobs))


def hashed(what: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) that identifies what a picture shows."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def _run(program: str, *arguments: str, typed: str = "") -> None:
    path = shutil.which(program)
    if path is None:
        raise SystemExit(f"{program} is needed to draw the pictures")
    subprocess.run([path, *arguments], cwd=HERE, input=typed, text=True, check=True)  # noqa: S603  fixed arguments


if __name__ == "__main__":
    main()
