"""Settings of this process from the environment: addresses, identities, secrets. All names begin with COUNTERSIGN_."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import pydantic_settings
from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from bot.config.clouds import CLOUDS, Cloud, CloudName
from bot.config.credential import Credential
from bot.config.mistakes import mistakes_in, said_of
from bot.config.values import ContainerAddress, ExistingFile, Guid, HttpsAddress, Origin, Origins, RedisUrl
from bot.config.webhook_secret import signing_key
from bot.keys.key_file import KeyFile

PREFIX = "COUNTERSIGN_"


class SettingsError(Exception):
    """Settings are missing or wrong. `mistakes` has one sentence each, beginning with the variable's name."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


class AppIdentity(BaseModel):
    """An app registration with exactly one credential."""

    app_id: Guid
    secret: SecretStr = SecretStr("")
    certificate: ExistingFile | None = None
    certificate_passphrase: SecretStr = SecretStr("")
    thumbprint: str = ""
    managed_identity: str = ""

    @model_validator(mode="after")
    def _proves_itself(self) -> Self:
        ways = (self.secret.get_secret_value(), self.certificate, self.managed_identity)
        if sum(map(bool, ways)) != 1:
            raise ValueError("set exactly one of {name}_SECRET, {name}_CERTIFICATE and {name}_MANAGED_IDENTITY")
        if self.thumbprint and not self.certificate:
            raise ValueError("{name}_THUMBPRINT needs {name}_CERTIFICATE, which is not set")
        if self.certificate_passphrase.get_secret_value() and not self.certificate:
            raise ValueError("{name}_CERTIFICATE_PASSPHRASE needs {name}_CERTIFICATE, which is not set")
        return self

    def credential(self) -> Credential:
        """Return this application's credential for Entra."""
        return Credential(
            app_id=self.app_id,
            secret=self.secret.get_secret_value(),
            certificate=self.certificate,
            passphrase=self.certificate_passphrase.get_secret_value(),
            thumbprint=self.thumbprint,
            managed_identity=self.managed_identity,
        )


class Settings(BaseSettings):
    """The settings of this process that are not in the configuration file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    config: Path = Field(default=Path("config/approvals.json"), description="The configuration file.")
    tenant_id: Guid = Field(description="The tenant, as a GUID.")
    public_url: Origin = Field(description="The address at which Teams and browsers reach the bot, as an https origin.")
    bot: AppIdentity = Field(description="The app registration of the bot in Teams. It needs no permissions.")
    worker: AppIdentity = Field(description="The app registration that reads Intune and the directory.")
    sign_in: AppIdentity | None = Field(
        default=None, description='The app registration that people sign in to, for "carry".'
    )
    actor: AppIdentity | None = Field(
        default=None, description="The app registration that files chat requests in Intune."
    )

    host: str = Field(default="127.0.0.1", description="The address to listen on; 0.0.0.0 for all addresses.")
    port: int = Field(default=8080, ge=0, le=65535, description="The port to listen on.")
    tls_file: ExistingFile | None = Field(
        default=None, description="Private key and certificates as PEM or PFX, if no proxy in front handles TLS."
    )
    tls_passphrase: SecretStr = Field(default=SecretStr(""), description="Passphrase of TLS_FILE.")
    redis_url: RedisUrl | None = Field(
        default=None, description="The address of a Redis; without it the bot starts its own server."
    )
    state_dir: Path = Field(
        default=Path(".state"), description="The directory for the data of the bot's own Redis server."
    )
    session_key: SecretStr | None = Field(
        default=None,
        description="At least 32 random characters, the same for all replicas; encrypts unfinished sign-ins.",
    )
    filing_key: SecretStr | None = Field(
        default=None,
        description="At least 32 random characters, the same for all replicas; encrypts the calls that wait in Intune. "
        "To change it, set the new key and the old key, separated by a space.",
    )
    emergency_url: Origin | None = Field(
        default=None, description="The address of the separate emergency process, if there is one."
    )
    audit_dir: Path | None = Field(
        default=None, description="The directory for the sealed audit, on one volume for all replicas."
    )
    audit_key: ExistingFile | None = Field(
        default=None,
        description="The private key that signs the audit, as PEM (`python -m bot audit key` creates one).",
    )
    audit_old_key: ExistingFile | None = Field(
        default=None, description="The previous key, while the key is being changed."
    )
    audit_past_keys: ExistingFile | None = Field(
        default=None, description="The public keys of all keys that have ever signed the audit, one per line."
    )
    audit_blob_url: ContainerAddress | None = Field(
        default=None,
        description="An Azure Blob container that the sealed audit is copied to, with its shared access signature.",
    )
    alarm_origins: Origins = Field(
        default=(),
        description="The origins that alarms and heartbeats may be sent to, as a JSON list of https origins.",
    )
    alarm_webhook_secret: SecretStr | None = Field(
        default=None,
        description='Signs messages to the alarm webhook: "whsec_" and 24 to 64 random bytes as base64. To change it, '
        "set both secrets, separated by a space.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The lowest level of messages that are logged."
    )

    cloud: CloudName = Field(default=CloudName.GLOBAL, description="The Microsoft cloud of the tenant.")
    authority: Origin | None = Field(default=None, description="The origin of Entra, if it is not the cloud's.")
    graph: Origin | None = Field(default=None, description="The origin of Graph, if it is not the cloud's.")
    bot_metadata: HttpsAddress | None = Field(
        default=None, description="The address of the Bot Connector's OpenID metadata."
    )
    service_origins: Origins | None = Field(
        default=None, description="The origins that the bot's token may be sent to, as a JSON list of https origins."
    )
    ca_file: ExistingFile | None = Field(
        default=None, description="A certificate authority as PEM, trusted instead of the system's."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if mistakes := list(self._mistakes()):
            raise ValueError("\n".join(mistakes))
        return self

    def _mistakes(self) -> Iterator[str]:
        if self.tls_passphrase.get_secret_value() and not self.tls_file:
            yield f"{PREFIX}TLS_PASSPHRASE: this needs {PREFIX}TLS_FILE, which is not set"
        if self.session_key and len(self.session_key.get_secret_value()) < 32:
            yield f"{PREFIX}SESSION_KEY: this must have at least 32 characters"
        if self.filing_key and any(len(key) < 32 for key in self.filing_keys):
            yield f"{PREFIX}FILING_KEY: every key must have at least 32 characters"
        if self.sign_in and self.redis_url and not self.session_key:
            yield f"{PREFIX}SESSION_KEY: this is missing; with a Redis, set it to the same value on all replicas"
        if not all(map(signing_key, self._webhook_secrets)):
            yield f'{PREFIX}ALARM_WEBHOOK_SECRET: this must be "whsec_" and then 24 to 64 random bytes as base64'

    @property
    def tls_key(self) -> KeyFile | None:
        """The listener's key file; `None` without TLS."""
        passphrase = self.tls_passphrase.get_secret_value()
        return KeyFile(self.tls_file, passphrase, f"{PREFIX}TLS_PASSPHRASE") if self.tls_file else None

    @property
    def webhook_keys(self) -> tuple[bytes, ...]:
        """The keys that sign alarms outside the tenant; each of them is used."""
        return tuple(map(signing_key, self._webhook_secrets))

    @property
    def _webhook_secrets(self) -> list[str]:
        return self.alarm_webhook_secret.get_secret_value().split() if self.alarm_webhook_secret else []

    @property
    def filing_keys(self) -> list[str]:
        """The keys that encrypt stored calls, newest first; none if nothing is filed."""
        return self.filing_key.get_secret_value().split() if self.filing_key else []

    @property
    def token_resource(self) -> str:
        """The identifier of the sign-in application, which Teams uses to ask Entra for people's tokens."""
        return f"api://botid-{self.bot.app_id}"

    @property
    def addresses(self) -> Cloud:
        """The cloud's addresses, replaced by those that were set."""
        cloud = CLOUDS[self.cloud]
        return Cloud(
            authority=self.authority or cloud.authority,
            graph=self.graph or cloud.graph,
            bot_metadata=self.bot_metadata or cloud.bot_metadata,
            bot_issuer=cloud.bot_issuer,
            bot_scope=cloud.bot_scope,
            service_url=cloud.service_url,
            service_origins=self.service_origins or cloud.service_origins,
            teams=cloud.teams,
            portal=cloud.portal,
        )


_NOT_UTF_8 = ".env contains a character that is not UTF-8; save the file as UTF-8"


def names_in_file() -> tuple[str, ...]:
    """Return every variable that the `.env` file sets, including those of other programs.

    Raises `SettingsError` for an unreadable file.
    """
    try:
        return tuple(str(name) for name in DotEnvSettingsSource(Settings).env_vars)
    except UnicodeDecodeError:
        raise SettingsError((_NOT_UTF_8,)) from None
    except OSError as error:
        raise SettingsError((_unreadable(error),)) from None


def read() -> Settings:
    """Return the environment's settings. Raises `SettingsError` with every mistake."""
    try:
        return Settings()  # type: ignore[call-arg]  # the environment fills them
    except ValidationError as error:
        raise SettingsError(tuple(line for one in mistakes_in(error) for line in _sentences(one))) from None
    except UnicodeDecodeError:
        raise SettingsError((_NOT_UTF_8,)) from None
    except OSError as error:
        raise SettingsError((_unreadable(error),)) from None
    except RecursionError:
        raise SettingsError(("a variable contains JSON that is nested too deeply",)) from None
    except pydantic_settings.SettingsError as error:  # an identity or a list that is not valid JSON
        raise SettingsError(
            (f"{error}: the value is not valid JSON; docs/configuration.md lists the variables",)
        ) from None


def _unreadable(error: OSError) -> str:
    return f".env cannot be read: {error.strerror}; let the bot's user read it, or remove it"


def _sentences(mistake: Mapping[str, Any]) -> list[str]:
    name = PREFIX + "_".join(str(step).upper() for step in mistake["loc"])
    said = said_of(mistake)
    if not mistake["loc"]:
        return said.splitlines()
    if mistake["loc"][-1] in _IDENTITIES:
        if mistake["type"] == "missing":
            credential = f"{name}_SECRET, {name}_CERTIFICATE or {name}_MANAGED_IDENTITY"
            return [f"{name}_APP_ID: this is missing; set it, and {credential}"]
        return [said.replace("{name}", name)]
    return [f"{name}: {said}"]


_IDENTITIES = {"bot", "worker", "sign_in", "actor"}
