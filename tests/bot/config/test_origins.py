"""The list of origins that may get the bot's token."""

import pytest

from bot.config.origins import ServiceOrigins, is_same_address
from handlers.ports.errors import Unreachable


@pytest.mark.parametrize(
    "service_url",
    [
        "http://smba.example/emea/",
        "http://smba.example:443/emea/",
        "https://evil.example/",
        "https://smba.example.evil.example/",
        "https://smba.example@evil.example/",
        "https://smba.example:8443/",
        "https://evil.example/smba.example",
        "https://evil.example#.below.example",
        "https://below.example/",
        "https://evil%2f.below.example/",
        "https://smba.example/?to=evil",
        "https://smba.example\\@evil.example/",
        "https://[::1]/",
        "smba.example",
        "",
    ],
)
def test_other_origins(service_url: str) -> None:
    """Only an https origin on the list is accepted."""
    origins = ServiceOrigins(["https://smba.example", "https://*.below.example"])
    with pytest.raises(Unreachable):
        origins.base(service_url)


@pytest.mark.parametrize(
    "service_url", ["https://SMBA.example/emea", "https://smba.example:443", "https://a.below.example"]
)
def test_listed_origins(service_url: str) -> None:
    """An origin on the list is accepted with any path, and the result ends with a slash."""
    assert str(ServiceOrigins(["https://smba.example", "https://*.below.example"]).base(service_url)).endswith("/")


@pytest.mark.parametrize(
    "origin", ["http://a.example", "https://", "https://a.example/path", "https://a*.example", "*"]
)
def test_list_takes_origins_only(origin: str) -> None:
    """A mistake in the list is reported at the start."""
    with pytest.raises(ValueError, match=r"https origin|must begin with"):
        ServiceOrigins([origin])


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("https://smba.example/emea/", True),
        ("https://smba.example/emea", True),
        ("https://smba.example/emea//", False),
        ("HTTPS://SMBA.example/EMEA/", True),
        ("https://smba.example/amer/", False),
        ("https://other.example/emea/", False),
        ("https://smba.example:8443/emea/", False),
        ("https://smba.example/emea/?to=evil", False),
        ("https://[smba/emea", False),
        (None, False),
    ],
)
def test_one_address_in_other_letters(one: object, same: bool) -> None:
    """Teams writes one address with or without a final slash and in any case; another place is never the same."""
    assert is_same_address(one, "https://smba.example/emea/") is same
