"""The demo is a program that people run first, so it is run here as they run it."""

import asyncio
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.waits
async def test_the_story_is_told_to_its_end() -> None:
    """`make demo` ends with status 0, which it does only if every step truly happened."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "demo"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()

    assert process.returncode == 0, told.decode()
    assert "Every step truly happened" in told.decode()
