"""Settings: `KEOSON_*` variables, then `keoson.toml`, then the defaults below. Read once at start and passed as an argument from then on.

`keoson.toml` is looked for at `KEOSON_CONFIG`, else in the working directory; its keys are the names below without the prefix.
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, Self, TypedDict

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import (
    SettingsError as SourceError,
)

from extractors.errors import SettingsError
from extractors.outlets import packaged_outlets
from extractors.records import Outlet

PREFIX = "KEOSON_"
DEMO_MARKER = "demo"

Seconds = Annotated[float, Field(gt=0, le=3600)]


class IndexLocation(TypedDict):
    """The arguments of `mappings.open_index`."""

    home: Path
    elasticsearch_url: str | None
    elasticsearch_auth: tuple[str, str] | None
    prefix: str
    elasticsearch_api_key: str | None
    elasticsearch_ca: Path | None


def default_home() -> Path:
    """The platform's folder for user data, with `keoson` in it."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "keoson"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "keoson"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "keoson"


def _config_file() -> Path:
    return Path(os.environ.get(f"{PREFIX}CONFIG") or "keoson.toml")


class Settings(BaseSettings):
    """Everything that can be set. Build it with `Settings.load()`, which turns every complaint into a SettingsError."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(default_factory=default_home)
    outlet_folders: tuple[Path, ...] = ()

    elasticsearch_url: str | None = None
    elasticsearch_username: str | None = None
    elasticsearch_password: SecretStr | None = None
    elasticsearch_api_key: SecretStr | None = None
    elasticsearch_ca: Path | None = Field(default=None, description="file with the certificate authority of the server")
    index_prefix: str = Field(default="keoson", pattern=r"^[a-z][a-z0-9_-]{0,60}$")
    ledger_url: str | None = None

    contact: str = Field(default="", description="a mail or web address that goes into the User-Agent, for publishers who want to complain")
    # 5 s between two requests to one host is what Media Cloud settled on.
    host_delay_seconds: float = Field(default=5.0, ge=0, le=3600)
    connect_timeout_seconds: Seconds = 10.0
    read_timeout_seconds: Seconds = 20.0
    total_timeout_seconds: Seconds = 60.0
    max_page_bytes: int = Field(default=5_000_000, ge=1_000, le=50_000_000)
    fetch_attempts: int = Field(default=3, ge=1, le=10, description="tries of one request within a run")
    entry_attempts: int = Field(default=5, ge=1, le=100, description="runs that may try an entry before it is quarantined")
    host_wait_seconds: float = Field(default=60.0, ge=0, le=86_400, description="how long a run waits for a host that another run holds")
    fetch_threads: int = Field(default=32, ge=1, le=512, description="hosts that are fetched from at the same time")
    allow_private_addresses: bool = False
    host_overrides: dict[str, str] = Field(default_factory=dict)
    extra_authorities: Path | None = Field(default=None, description="PEM file of certificate authorities to trust besides the public ones")

    archive_retention_days: int | None = Field(
        default=None, ge=1, description="pages older than this are dropped, except the newest of each article (none: all are kept)"
    )

    extraction_workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    extraction_deadline_seconds: Seconds = 20.0
    batch_size: int = Field(default=100, ge=1, le=5000)

    @field_validator("home", mode="after")
    @classmethod
    def _absolute_home(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("host_overrides")
    @classmethod
    def _overrides_dial_addresses(cls, overrides: dict[str, str]) -> dict[str, str]:
        for pattern, target in overrides.items():
            host, _, port = target.rpartition(":")
            if not host or not port.isdigit() or not 0 < int(port) < 65536:
                raise ValueError(f"{pattern!r} must map to ADDRESS:PORT, such as 127.0.0.1:8000, not {target!r}")
        return overrides

    @model_validator(mode="after")
    def _elasticsearch_access(self) -> Self:
        if (self.elasticsearch_username is None) != (self.elasticsearch_password is None):
            raise ValueError("KEOSON_ELASTICSEARCH_USERNAME and KEOSON_ELASTICSEARCH_PASSWORD go together: set both or neither")
        if self.elasticsearch_username is not None and self.elasticsearch_api_key is not None:
            raise ValueError("KEOSON_ELASTICSEARCH_API_KEY and KEOSON_ELASTICSEARCH_USERNAME exclude each other: set one of them")
        if self.elasticsearch_ca is not None and not self.elasticsearch_ca.is_file():
            raise ValueError(f"KEOSON_ELASTICSEARCH_CA names {self.elasticsearch_ca}, which is not a file")
        if self.elasticsearch_url is not None and not self.elasticsearch_url.startswith(("http://", "https://")):
            raise ValueError("KEOSON_ELASTICSEARCH_URL must begin with http:// or https://")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_config_file())

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Settings from `overrides`, the environment and keoson.toml, in this order. SettingsError names each wrong one."""
        named = os.environ.get(f"{PREFIX}CONFIG")
        if named and not Path(named).is_file():
            raise SettingsError(f"KEOSON_CONFIG names {named}, which is not a file: create it or unset the variable")
        try:
            return cls(**overrides)
        except ValidationError as error:
            raise SettingsError("; ".join(_complaint(detail["loc"], detail["msg"]) for detail in error.errors())) from error
        except SourceError as error:
            raise SettingsError(f"{error}: lists and tables in KEOSON_* variables are written as JSON") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{_config_file()} is not valid TOML: {error}") from error

    @property
    def elasticsearch_auth(self) -> tuple[str, str] | None:
        """User name and password, or None when the server asks for neither."""
        if self.elasticsearch_username is None or self.elasticsearch_password is None:
            return None
        return self.elasticsearch_username, self.elasticsearch_password.get_secret_value()

    @property
    def ledger_address(self) -> str:
        """SQLAlchemy address of the ledger: SQLite in the home unless set otherwise."""
        return self.ledger_url or f"sqlite:///{self.home / 'ledger.sqlite'}"

    @property
    def index_location(self) -> IndexLocation:
        """Where the index is: the arguments of `mappings.open_index`."""
        return {
            "home": self.home,
            "elasticsearch_url": self.elasticsearch_url,
            "elasticsearch_auth": self.elasticsearch_auth,
            "prefix": self.index_prefix,
            "elasticsearch_api_key": self.elasticsearch_api_key.get_secret_value() if self.elasticsearch_api_key else None,
            "elasticsearch_ca": self.elasticsearch_ca,
        }

    @property
    def outlet_sources(self) -> tuple[Path, ...]:
        """Folders for `load_outlets`: `outlet_folders`, or what comes with Keoson, and the operator's `outlets` in the home over them."""
        own = self.home / "outlets"
        operator = (own,) if any(own.rglob("*.toml")) else ()
        return (self.outlet_folders or (packaged_outlets(),)) + operator

    @property
    def own_spellings(self) -> Path | None:
        """The operator's spellings of places (`spellings.csv` in the home), when there are any."""
        path = self.home / "spellings.csv"
        return path if path.is_file() else None

    @property
    def archive_folder(self) -> Path:
        """Folder of the WARC segments."""
        return self.home / "archive"

    @property
    def user_agent(self) -> str:
        """What publishers see in their logs. The name is also what robots.txt rules are matched against."""
        return f"keoson/0.1 ({self.contact})" if self.contact else "keoson/0.1"


def _complaint(location: tuple[int | str, ...], message: str) -> str:
    if not location:
        return message.removeprefix("Value error, ")
    name, *inner = location
    return f"{PREFIX}{str(name).upper()}{''.join(f'[{part}]' for part in inner)}: {message.removeprefix('Value error, ')}"


def is_demo_outlet(outlet: Outlet) -> bool:
    """Whether an outlet is invented: all its hosts are under .test, which RFC 6761 reserves, so that no real page can come from there."""
    return all(host == "test" or host.endswith(".test") for host in outlet.hosts)


def claim_home(home: Path, *, demo: bool) -> None:
    """Create the home for real or for demo data, or raise SettingsError when it already holds the other kind."""
    marker = home / DEMO_MARKER
    if not demo:
        if marker.exists():
            raise SettingsError(
                f"{home} holds demo data (it has a file named {DEMO_MARKER!r}), and real news must not be mixed in: "
                "set KEOSON_HOME to another folder"
            )
        home.mkdir(parents=True, exist_ok=True)
        return
    if marker.exists():
        return
    if home.exists() and any(child.name != "keoson.toml" for child in home.iterdir()):
        raise SettingsError(f"{home} is not empty and not marked as demo data: set KEOSON_HOME to an empty folder for the demo")
    home.mkdir(parents=True, exist_ok=True)
    marker.write_text("Demo data: invented outlets only. A real ingest refuses this folder.\n", encoding="utf-8")


def claim_home_for(home: Path, outlets: list[Outlet]) -> None:
    """`claim_home` for what these outlets are. Invented and real outlets in one run are refused."""
    invented = [outlet.id for outlet in outlets if is_demo_outlet(outlet)]
    if invented and len(invented) < len(outlets):
        raise SettingsError(f"invented outlets ({', '.join(invented)}) cannot be ingested together with real ones: choose with --outlet")
    claim_home(home, demo=bool(invented))
