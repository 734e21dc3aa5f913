"""Settings of this process from the environment: addresses, identities, secrets. All names begin with COUNTERSIGN_."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pydantic_settings
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict
from yarl import URL

from bot.config.clouds import CLOUDS, Cloud, CloudName
from bot.config.credential import Credential
from bot.config.mistakes import mistakes_in, said_of
from bot.config.origins import ServiceOrigins
from bot.config.redis_address import RedisAddress
from bot.config.webhook_secret import signing_key
from bot.keys.key_file import KeyFile

PREFIX = "COUNTERSIGN_"


class SettingsError(Exception):
    """Settings are missing or wrong. `mistakes` has one sentence each, beginning with the variable's name."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


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
    """Return a container's address. It is checked here because it has a signature, and the library's error would repeat
    it."""
    url = _url(address.get_secret_value())
    if url is None or url.path == "/":
        raise ValueError("this must be the https address of a container: https://ACCOUNT.blob.…/NAME?…")
    return address


def _redis(address: SecretStr) -> SecretStr:
    RedisAddress.of(address.get_secret_value())
    return address


Origin = Annotated[str, AfterValidator(_origin)]
HttpsAddress = Annotated[str, AfterValidator(_https)]
File = Annotated[Path, AfterValidator(_file)]
Guid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


class AppIdentity(BaseModel):
    """One app registration, with exactly one credential."""

    app_id: Guid
    secret: SecretStr = SecretStr("")
    certificate: File | None = None
    certificate_passphrase: SecretStr = SecretStr("")
    thumbprint: str = ""
    managed_identity: str = ""

    @model_validator(mode="after")
    def _proves_itself(self) -> Self:
        ways = (self.secret.get_secret_value(), self.certificate, self.managed_identity)
        if sum(map(bool, ways)) != 1:
            raise ValueError("set exactly one of {name}_SECRET, {name}_CERTIFICATE and {name}_MANAGED_IDENTITY")
        if self.thumbprint and not self.certificate:
            raise ValueError("{name}_THUMBPRINT belongs to a {name}_CERTIFICATE, which is missing")
        if self.certificate_passphrase.get_secret_value() and not self.certificate:
            raise ValueError("{name}_CERTIFICATE_PASSPHRASE belongs to a {name}_CERTIFICATE, which is missing")
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
    tenant_id: Guid = Field(description="The tenant whose requests are approved.")
    public_url: Origin = Field(description="Where Teams and browsers reach the bot, as an https origin.")
    bot: AppIdentity = Field(description="The registration that Teams knows the bot by. It needs no permissions.")
    worker: AppIdentity = Field(description="The registration that reads Intune and the directory.")
    sign_in: AppIdentity | None = Field(
        default=None, description='The registration that people sign in to, for "carry".'
    )
    actor: AppIdentity | None = Field(
        default=None, description="The registration that files in Intune what people ask for in chat."
    )

    host: str = Field(default="127.0.0.1", description="The address to listen on; 0.0.0.0 for every one.")
    port: int = Field(default=8080, ge=0, le=65535, description="The port to listen on.")
    tls_file: File | None = Field(
        default=None, description="Private key and certificates as PEM or PFX, where no proxy in front speaks TLS."
    )
    tls_passphrase: SecretStr = Field(default=SecretStr(""), description="Opens that file's private key or PFX.")
    redis_url: Annotated[SecretStr, AfterValidator(_redis)] | None = Field(
        default=None, description="A Redis; without it an own server is started."
    )
    state_dir: Path = Field(default=Path(".state"), description="Where that own server keeps its data.")
    session_key: SecretStr | None = Field(
        default=None, description="At least 32 random characters, the same for all replicas; seals sign-ins under way."
    )
    filing_key: SecretStr | None = Field(
        default=None,
        description="At least 32 random characters, the same for all replicas; seals the calls that wait in Intune. "
        "Several, separated by blanks, while it is changed: the new one first.",
    )
    emergency_url: Origin | None = Field(
        default=None, description="The separate emergency process, where one is deployed."
    )
    audit_dir: Path | None = Field(
        default=None, description="Where the sealed audit is written, the same volume for all replicas."
    )
    audit_key: File | None = Field(
        default=None, description="The private key that seals it, as PEM (`python -m bot audit key` makes one)."
    )
    audit_old_key: File | None = Field(default=None, description="The key before that, while it is being changed.")
    audit_past_keys: File | None = Field(
        default=None, description="The public halves of all keys that have ever sealed it, one in each line."
    )
    audit_blob_url: Annotated[SecretStr, AfterValidator(_container)] | None = Field(
        default=None,
        description="An Azure Blob container that the sealed audit is copied to, with its shared access signature.",
    )
    alarm_origins: Annotated[tuple[str, ...], BeforeValidator(_origins)] = Field(
        default=(), description="Where alarms and heartbeats may be sent, as a JSON list of https origins."
    )
    alarm_webhook_secret: SecretStr | None = Field(
        default=None,
        description='Signs what is sent to the alarm webhook: "whsec_" and 24 to 64 random bytes as base64. Several, '
        "separated by blanks, while it is changed.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="How much is logged.")

    cloud: CloudName = Field(default=CloudName.GLOBAL, description="Which Microsoft cloud the tenant lives in.")
    authority: Origin | None = Field(default=None, description="Entra, where it is not the cloud's.")
    graph: Origin | None = Field(default=None, description="Graph, where it is not the cloud's.")
    bot_metadata: HttpsAddress | None = Field(default=None, description="The Bot Connector's OpenID metadata.")
    service_origins: Annotated[tuple[str, ...], BeforeValidator(_origins)] | None = Field(
        default=None, description="Where the bot's token may be sent, as a JSON list of https origins."
    )
    ca_file: File | None = Field(default=None, description="A certificate authority of one's own, as PEM.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if mistakes := list(self._mistakes()):
            raise ValueError("\n".join(mistakes))
        return self

    def _mistakes(self) -> Iterator[str]:
        if self.tls_passphrase.get_secret_value() and not self.tls_file:
            yield f"{PREFIX}TLS_PASSPHRASE: this belongs to a {PREFIX}TLS_FILE, which is missing"
        if self.session_key and len(self.session_key.get_secret_value()) < 32:
            yield f"{PREFIX}SESSION_KEY: this needs at least 32 characters"
        if self.filing_key and any(len(key) < 32 for key in self.filing_keys):
            yield f"{PREFIX}FILING_KEY: every key needs at least 32 characters"
        if self.sign_in and self.redis_url and not self.session_key:
            yield f"{PREFIX}SESSION_KEY: this is needed where replicas may share a Redis, the same for all"
        if not all(map(signing_key, self._webhook_secrets)):
            yield f'{PREFIX}ALARM_WEBHOOK_SECRET: this must be "whsec_" and 24 to 64 random bytes as base64'

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


_NOT_UTF_8 = ".env holds a character that is not written as UTF-8; save the file as UTF-8"


def names_in_file() -> tuple[str, ...]:
    """Return every variable that the `.env` file sets, including those of other programs.

    Raises `SettingsError` for an unreadable file.
    """
    try:
        return tuple(str(name) for name in DotEnvSettingsSource(Settings).env_vars)
    except UnicodeDecodeError:
        raise SettingsError((_NOT_UTF_8,)) from None


def read() -> Settings:
    """Return the environment's settings. Raises `SettingsError` with every mistake."""
    try:
        return Settings()  # type: ignore[call-arg]  # the environment fills them
    except ValidationError as error:
        raise SettingsError(tuple(line for one in mistakes_in(error) for line in _sentences(one))) from None
    except UnicodeDecodeError:
        raise SettingsError((_NOT_UTF_8,)) from None
    except pydantic_settings.SettingsError as error:  # an identity or a list that is not valid JSON
        raise SettingsError((f"{error}: it is no JSON; docs/configuration.md names the variables",)) from None


def _sentences(mistake: Mapping[str, Any]) -> list[str]:
    name = PREFIX + "_".join(str(step).upper() for step in mistake["loc"])
    said = said_of(mistake)
    if not mistake["loc"]:
        return said.splitlines()
    if mistake["loc"][-1] in _IDENTITIES:
        if mistake["type"] == "missing":
            return [
                f"{name}_APP_ID: this is missing, and one of {name}_SECRET, {name}_CERTIFICATE, {name}_MANAGED_IDENTITY"
            ]
        return [said.replace("{name}", name)]
    return [f"{name}: {said}"]


_IDENTITIES = {"bot", "worker", "sign_in", "actor"}
