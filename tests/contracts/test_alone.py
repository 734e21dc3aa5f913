"""The fakes stand alone: flows are tried on them without the bot and without the simulated tenant."""

from pathlib import Path

import pytest

from tests import fakes
from tests.test_architecture import imports

FAKES = sorted(Path(fakes.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FAKES, ids=lambda path: path.name)
def test_a_fake_knows_no_real_neighbour(path: Path) -> None:
    """What it knows of the product are the ports, the rules and the cards."""
    assert not {"bot", "simulator", "redis", "aiohttp"} & set(imports(path))
