"""Types of single settings in the environment: origins, addresses, files and ids, each with its check."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from yarl import URL

from bot.config.origins import ServiceOrigins
from bot.config.redis_address import RedisAddress


def _origin(written: str) -> str:
    url = _url(written)
    if url is None or url != url.origin():
        raise ValueError("this must be an https origin such as https://countersign.example.com, without a path")
    return str(url).rstrip("/")


def _https(written: str) -> str:
    if _url(written) is None:
        raise ValueError("this must be an https address")
    return written


def _url(written: str) -> URL | None:
    try:
        url = URL(written)
    except ValueError:
        return None
    return url if url.scheme == "https" and url.host else None


def _origins(written: object) -> object:
    if not isinstance(written, list | tuple):
        raise ValueError('this must be a JSON list of https origins such as ["https://smba.trafficmanager.net"]')
    ServiceOrigins(map(str, written))
    return written


def _file(path: Path) -> Path:
    try:
        is_file = path.is_file()
    except (OSError, ValueError):  # a directory without access; a character that is not valid in a path
        is_file = False
    if not is_file:
        raise ValueError(f"there is no file {path}")
    return path


def _container(address: SecretStr) -> SecretStr:
    """Return a container's address. It contains a signature, which the library's own error would repeat."""
    url = _url(address.get_secret_value())
    if url is None or url.path == "/":
        raise ValueError("this must be the https address of a container: https://ACCOUNT.blob.…/NAME?…")
    return address


def _redis(address: SecretStr) -> SecretStr:
    RedisAddress.of(address.get_secret_value())
    return address


Origin = Annotated[str, AfterValidator(_origin)]
HttpsAddress = Annotated[str, AfterValidator(_https)]
ExistingFile = Annotated[Path, AfterValidator(_file)]
Guid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Origins = Annotated[tuple[str, ...], BeforeValidator(_origins)]
ContainerAddress = Annotated[SecretStr, AfterValidator(_container)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis)]
