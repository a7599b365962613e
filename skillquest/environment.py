"""Reads settings from environment variables; a value that is not valid stops the start with a clear message.

A variable that is missing or blank has its default.
"""

import os
import re
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
NO_LIMIT = 2**31 - 1
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
RATE = re.compile(r"(?P<count>[1-9]\d{0,8})/(?P<multiple>[1-9]\d{0,4})?(?P<unit>[smhd])", re.ASCII)
HOST_NAME = r"[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*"
ALLOWED_HOST = re.compile(rf"\*|\.?{HOST_NAME}\.?|\[[0-9a-f:.]+\]", re.IGNORECASE | re.ASCII)
ORIGIN = re.compile(rf"https?://((\*\.)?{HOST_NAME}|\[[0-9a-f:.]+\])(:\d{{1,5}})?", re.IGNORECASE | re.ASCII)
DEFAULT_PORTS = {"http": 80, "https": 443}
SITE_PATH = re.compile(r"[A-Za-z0-9_~-]+(/[A-Za-z0-9_~-]+)*", re.ASCII)
DATABASE_SCHEMES = {"postgres", "postgresql", "sqlite"}
REDIS_ADDRESS = re.compile(r"rediss?://[^\s/?#]+(/\d*)?(\?\S*)?|unix://\S+", re.ASCII)


class SettingError(ImproperlyConfigured):
    """The message names the variable, its problem and what is expected."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


def parse_rate(text: str) -> tuple[int, int]:
    """'60/m' or '100/15m' as (count, seconds); ValueError for anything else."""
    rate = RATE.fullmatch(text)
    if rate is None:
        raise ValueError(text)
    return int(rate["count"]), int(rate["multiple"] or 1) * SECONDS[rate["unit"]]


class Environment:
    def read_file(self, path: Path) -> None:
        """Adds the variables of a `.env` file; those that are set already keep their value."""
        environ.Env.read_env(path)

    def text(self, name: str, default: str = "") -> str:
        return os.environ.get(name, "").strip() or default

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise SettingError(name, "must be set; .env.example explains it.")
        return value

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise SettingError(name, f"{value!r} is not one of {', '.join(choices)}.")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value not in TRUE | FALSE | {""}:
            raise SettingError(name, f"{value!r} is neither 1 (on) nor 0 (off).")
        return value in TRUE if value else default

    def integer(self, name: str, default: int | None, minimum: int = 0, maximum: int = NO_LIMIT) -> int | None:
        value = self.text(name)
        if not value:
            return default
        # int() would also take "1_000" and "٣".
        number = int(value) if re.fullmatch(r"-?[0-9]{1,10}", value) else None
        if number is None or not minimum <= number <= maximum:
            raise SettingError(name, f"{value!r} is not a whole number from {minimum} to {maximum}.")
        return number

    def percent(self, name: str, default: int) -> int:
        return self.integer(name, default, maximum=100)

    def items(self, name: str, default: list[str]) -> list[str]:
        """A list separated by commas; spaces around an item do not count."""
        value = self.text(name)
        return [item.strip() for item in value.split(",") if item.strip()] if value else default

    def hosts(self, name: str, default: list[str]) -> list[str]:
        hosts = self.items(name, default)
        for host in hosts:
            if not ALLOWED_HOST.fullmatch(host):
                raise SettingError(name, f"{host!r} is not a host name; write it without scheme, port and path.")
        return hosts

    def origins(self, name: str, default: list[str]) -> list[str]:
        origins = self.items(name, default)
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise SettingError(name, f"{origin!r} is not an origin such as https://play.example.org.")
        return origins

    def page_origins(self, name: str) -> list[str]:
        """Origins as browsers send them: in small letters, without a default port. Neither patterns nor `null`."""
        return [self.page_origin(name, origin) for origin in self.origins(name, default=[])]

    def page_origin(self, name: str, origin: str) -> str:
        try:
            parts = urlsplit(origin.lower())
            is_default = parts.port == DEFAULT_PORTS[parts.scheme]
        except ValueError:
            raise SettingError(name, f"{origin!r} has a port that does not exist.") from None
        if "*" in origin:
            raise SettingError(name, f"{origin!r} is a pattern; list each origin by itself.")
        return f"{parts.scheme}://{parts.netloc.rpartition(':')[0] if is_default else parts.netloc}"

    def origin(self, name: str, default: str) -> str:
        """One origin, without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        if not ORIGIN.fullmatch(value) or "*" in value:
            raise SettingError(
                name, f"{value!r} is not an origin such as https://play.example.org; a path belongs in SITE_PATH."
            )
        return value

    def networks(self, name: str, default: list[str]) -> list[str]:
        """IP addresses and networks, as text."""
        networks = self.items(name, default)
        for network in networks:
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise SettingError(
                    name,
                    f"{network!r} is not an IP address or network such as 10.0.0.0/8; host names do not work here.",
                ) from None
        return networks

    def rate(self, name: str, default: str, minimum: int = 1) -> str:
        value = self.text(name, default)
        try:
            count, _ = parse_rate(value)
        except ValueError:
            raise SettingError(
                name, f"{value!r} is not a rate such as 60/m or 100/15m (s, m, h or d for the period)."
            ) from None
        if count < minimum:
            raise SettingError(name, f"{value!r} allows fewer than {minimum}.")
        return value

    def site_path(self, name: str) -> str:
        """'' or '/skillquest', with or without slashes around it in the variable."""
        path = self.text(name).strip("/")
        if path and not SITE_PATH.fullmatch(path):
            raise SettingError(name, f"{path!r} is not a path such as /skillquest.")
        return f"/{path}" if path else ""

    def database(self, name: str, default: str) -> dict[str, object]:
        """A value of DATABASES; parameters after `?` are in its OPTIONS."""
        value = self.text(name, default)
        scheme, _, rest = value.partition("://")
        try:
            config = environ.Env.db_url_config(value) if scheme in DATABASE_SCHEMES and rest else {}
        except ValueError:
            config = {}
        if not config.get("NAME"):
            # The value is not quoted, because it may hold a password.
            raise SettingError(
                name, "is not an address such as postgres://user:password@host:5432/name or sqlite:////folder/file."
            )
        return config

    def redis(self, name: str) -> str:
        value = self.text(name)
        try:
            valid = not value or (REDIS_ADDRESS.fullmatch(value) and urlsplit(value).port != 0)
        except ValueError:  # the port is not a number
            valid = False
        if not valid:
            raise SettingError(name, "is not an address such as redis://host:6379/0.")
        return value

    def email(self, name: str, default: str) -> dict[str, object]:
        """The EMAIL_… settings."""
        try:
            return environ.Env.email_url_config(self.text(name, default))
        except (ValueError, KeyError, ImproperlyConfigured):
            raise SettingError(
                name, "is not an address such as smtp+tls://user:password@mail.example.org:587."
            ) from None

    def sender(self, name: str, default: str) -> str:
        value = self.text(name, default)
        try:
            validate_email(parseaddr(value)[1])
        except ValidationError:
            raise SettingError(name, f"{value!r} is not a sender such as SkillQuest <no-reply@example.org>.") from None
        return value
