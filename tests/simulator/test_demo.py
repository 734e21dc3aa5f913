"""The demo is the first program that people run, so the test runs it as they do."""

import asyncio
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.waits
@pytest.mark.parametrize("how", [(), pytest.param(("--harshest", "1"), marks=pytest.mark.extra)], ids=["", "harshest"])
async def test_the_story_is_told_to_its_end(how: tuple[str, ...]) -> None:
    """`make demo` ends with status 0, which it does only if every step happened, in the harshest tenant too."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "demo", *how),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()

    assert process.returncode == 0, told.decode()
    assert "Every step was carried out" in told.decode()
