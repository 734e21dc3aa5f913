"""Settings of the emergency process, from the environment. All names begin with COUNTERSIGN_EMERGENCY_."""

import json
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any

import pydantic_settings
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.config.clouds import CLOUDS, CloudName
from bot.config.environment import AppIdentity, SettingsError
from bot.config.mistakes import mistakes_in, said_of
from bot.config.values import ExistingFile, Guid, Origin
from bot.keys.key_file import KeyFile

PREFIX = "COUNTERSIGN_EMERGENCY_"
CREDENTIAL = f"{PREFIX}ACTOR"
"""The bot refuses to start where this is set, so that nobody who takes over the bot finds it there."""


def _list(written: str) -> object:
    """Parse a JSON list; pydantic alone would not say which variable is wrong."""
    try:
        found = json.loads(written)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise ValueError('this must be a JSON list of object ids such as ["2ec25163-efa4-577d-be2b-128444a98a7d"]')
    if not found:
        raise ValueError("this is empty; list at least one")
    return found


# Entra writes object ids in lower case, also in the tokens that they are compared with.
ObjectId = Annotated[Guid, AfterValidator(str.lower)]
ObjectIds = Annotated[frozenset[ObjectId], NoDecode, BeforeValidator(_list)]


class ProcessSettings(BaseSettings):
    """Settings of the emergency process. None of them is shared with the bot."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    tenant_id: Guid
    actor: AppIdentity = Field(description="The application that Intune's access policies exclude.")
    bot_app_id: Guid = Field(description="The bot's id: people's tokens are made out to it,")
    sign_in_app_id: Guid = Field(description="or to the application that they sign in to.")
    allowed: ObjectIds = Field(description="Object ids of those who may, as JSON.")
    authentication_context: str = Field(default="", pattern=r"^(c[1-9][0-9]?)?$", description="What tokens must prove.")
    most_per_day: int = Field(default=3, ge=1, le=20)
    ledger: Path = Field(description="A file on a disk that survives; every call is written there before it is made.")
    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65535)
    tls_file: ExistingFile | None = None
    tls_passphrase: SecretStr = SecretStr("")
    cloud: CloudName = CloudName.GLOBAL
    authority: Origin | None = None
    graph: Origin | None = None
    ca_file: ExistingFile | None = None

    @property
    def tls_key(self) -> KeyFile | None:
        """The listener's key and certificate; `None` without TLS."""
        passphrase = self.tls_passphrase.get_secret_value()
        return KeyFile(self.tls_file, passphrase, f"{PREFIX}TLS_PASSPHRASE") if self.tls_file else None

    @property
    def authority_url(self) -> str:
        """The tenant's authority."""
        return f"{self.authority or CLOUDS[self.cloud].authority}/{self.tenant_id}"

    @property
    def graph_url(self) -> str:
        """Graph's origin."""
        return self.graph or CLOUDS[self.cloud].graph


def read() -> ProcessSettings:
    """Read the environment. Raises `SettingsError` with every mistake."""
    try:
        return ProcessSettings()  # type: ignore[call-arg]  # the environment fills them
    except ValidationError as error:
        raise SettingsError(tuple(map(_sentence, mistakes_in(error)))) from None
    except pydantic_settings.SettingsError:  # an identity that is not valid JSON
        raise SettingsError(
            (f"{CREDENTIAL}: this is not valid JSON; set {CREDENTIAL}_APP_ID and the like instead",)
        ) from None


def refuse_emergency_credential(names: Iterable[str]) -> str | None:
    """Return why the bot must not start if one of these variables belongs to the emergency process' credential."""
    # Names of settings are case-insensitive, so those of the credential are, too.
    found = sorted(name for name in names if name.upper() == CREDENTIAL or name.upper().startswith(f"{CREDENTIAL}_"))
    return f"{found[0]}: the bot must not hold the emergency process's credential" if found else None


def _sentence(mistake: Mapping[str, Any]) -> str:
    steps = takewhile(lambda step: isinstance(step, str), mistake["loc"])  # the position in a list is left out
    name = PREFIX + "_".join(map(str, steps)).upper()
    if name == CREDENTIAL and mistake["type"] == "missing":
        others = f"{name}_SECRET, {name}_CERTIFICATE, {name}_MANAGED_IDENTITY"
        return f"{name}_APP_ID: this is missing; set it and one of {others}"
    return f"{name}: {said_of(mistake).replace('{name}', name)}"
