"""The default paths of the audit commands: the bot's settings, as far as they are set in this shell."""

from pathlib import Path

from pydantic_settings import BaseSettings

from bot.audit_log.keys import PUBLIC
from bot.config.environment import Settings

AUDIT_DIR = "audit"
"""The log's default directory, inside the state directory."""

OWN_KEY = "audit-key.pem"
"""The key of a bot with an embedded server, in the state directory."""


class Places(BaseSettings):
    """The few settings that the commands use; all are optional."""

    model_config = Settings.model_config

    config: Path = Path("config/approvals.json")
    state_dir: Path = Path(".state")
    audit_dir: Path | None = None
    audit_key: Path | None = None
    audit_past_keys: Path | None = None

    @property
    def log(self) -> Path:
        """The log's directory."""
        return self.audit_dir or self.state_dir / AUDIT_DIR

    @property
    def keys(self) -> list[Path]:
        """The files with public keys."""
        newest = (self.audit_key or self.state_dir / OWN_KEY).with_suffix(PUBLIC)
        return [newest, self.audit_past_keys] if self.audit_past_keys else [newest]


def places() -> Places:
    """Return the default paths; without the settings if `.env` cannot be read, which the commands report later."""
    try:
        return Places()
    except (UnicodeDecodeError, OSError):
        return Places(_env_file=None)  # type: ignore[call-arg]  # an argument of pydantic-settings itself
