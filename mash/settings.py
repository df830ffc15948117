"""How is this installation set up? Read from the environment (MASH_…), listed in docs/operate.md."""

import secrets
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from mash.errors import Unsafe

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """Settings of one process. A secret may come from a file named in MASH_SECRET_KEY_FILE instead."""

    model_config = SettingsConfigDict(env_prefix="MASH_", env_ignore_empty=True)

    database_url: str = f"sqlite:///{ROOT / 'mash.db'}"
    owner_database_url: str | None = None
    app_role: str | None = None
    config: Path = ROOT / "config"
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None
    insecure_http: bool = False
    sweep_seconds: Annotated[int, Field(ge=1, le=60)] = 15
    sweep_stale_seconds: Annotated[int, Field(ge=10)] = 90
    anchor_file: Path | None = None
    anchor_minutes: Annotated[int, Field(ge=1)] = 15
    ping_url: str | None = None
    metrics_token: SecretStr | None = None
    idle_minutes: Annotated[int, Field(ge=5, le=30)] = 15
    session_hours: Annotated[int, Field(ge=1, le=12)] = 10
    language: str = "en"
    public_url: str | None = None
    smtp_host: str | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password_file: Path | None = None
    mail_from: str | None = None
    webhook_url: str | None = None
    webhook_secret_file: Path | None = None

    @model_validator(mode="after")
    def _read_secret_file(self) -> "Settings":
        if self.secret_key is None and self.secret_key_file is not None:
            self.secret_key = SecretStr(self.secret_key_file.read_text(encoding="utf-8").strip())
        return self

    def address_to_ping(self) -> str | None:
        """Where the timers call while all is well. Raises Unsafe for one that is not https or this machine."""
        if self.ping_url is None:
            return None
        there = urlsplit(self.ping_url)
        if there.hostname and (there.scheme == "https" or (there.scheme == "http" and there.hostname in LOOPBACK)):
            return self.ping_url
        raise Unsafe("MASH_PING_URL is not an address by https. Correct it, or leave it out.")

    def signing_key(self, *, demo: bool) -> str:
        """The key that signs form tokens. Only the demo may make one up; raises Unsafe elsewhere without a real one."""
        key = self.secret_key.get_secret_value() if self.secret_key else ""
        if len(key) >= 32:
            return key
        if demo and not key:
            return _throwaway_key()
        raise Unsafe(
            "MASH_SECRET_KEY is missing or shorter than 32 characters. Set it, or name a file in MASH_SECRET_KEY_FILE."
        )

    def factor_key(self, *, demo: bool) -> str:
        """The key from which second factors are locked. A demonstration's is no secret, and outlives its process."""
        return "demonstration" if demo else self.signing_key(demo=False)


@cache
def _throwaway_key() -> str:
    return secrets.token_urlsafe(32)
