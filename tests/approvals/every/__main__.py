"""Write the pages anew: `python -m tests.approvals.every`. Read the difference before you commit it."""

from tests.approvals.every.pages import DIRECTORY, PAGES

for name, page in PAGES.items():
    (DIRECTORY / f"{name}.txt").write_text(page(), encoding="utf-8")
