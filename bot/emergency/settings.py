"""Its own settings, from the environment. All names begin with COUNTERSIGN_EMERGENCY_."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.clouds import CLOUDS, CloudName
from bot.mistakes import mistakes_in, said_of
from bot.settings import File, Guid, Identity, Origin, SettingsError

PREFIX = "COUNTERSIGN_EMERGENCY_"
CREDENTIAL = f"{PREFIX}ACTOR_"
"""The bot itself refuses to start where this is set: whoever takes over the bot must not find it there."""


class EmergencySettings(BaseSettings):
    """What the emergency process needs to know. Nothing of it is shared with the bot."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="_", env_nested_max_split=1, env_ignore_empty=True, extra="ignore"
    )

    tenant_id: Guid
    actor: Identity = Field(description="The application that Intune's access policies exclude.")
    bot_app_id: Guid = Field(description="The bot's id: people's tokens are made out to it,")
    sign_in_app_id: Guid = Field(description="or to the application that they sign in to.")
    allowed: Annotated[frozenset[str], Field(min_length=1)] = Field(description="Object ids of those who may, as JSON.")
    most_per_day: int = Field(default=3, ge=1, le=20)
    ledger: Path = Field(description="A file on a disk that survives; every call is written there before it is made.")
    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65535)
    tls_file: File | None = None
    cloud: CloudName = CloudName.GLOBAL
    authority: Origin | None = None
    graph: Origin | None = None
    ca_file: File | None = None

    @property
    def authority_url(self) -> str:
        """The tenant's authority."""
        return f"{self.authority or CLOUDS[self.cloud].authority}/{self.tenant_id}"

    @property
    def graph_url(self) -> str:
        """Graph's origin."""
        return self.graph or CLOUDS[self.cloud].graph


def read() -> EmergencySettings:
    """The environment's settings; `SettingsError` with every mistake."""
    try:
        return EmergencySettings()  # type: ignore[call-arg]  # the environment fills them
    except ValidationError as error:
        found = (f"{PREFIX}{'_'.join(map(str, one['loc'])).upper()}: {said_of(one)}" for one in mistakes_in(error))
        raise SettingsError(tuple(found)) from None
