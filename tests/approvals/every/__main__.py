"""`python -m tests.approvals.every` writes the pages anew. Read the difference before you store it."""

from tests.approvals.every.pages import DIRECTORY, PAGES

for name, page in PAGES.items():
    (DIRECTORY / f"{name}.txt").write_text(page(), encoding="utf-8")
