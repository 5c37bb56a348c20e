"""What a value in site.toml may be. A rule is a name (its words stand in site_faults) and a test."""

import codecs
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.remote_folders import fault_of, with_absolute_paths


@dataclass(frozen=True)
class Rule:
    """`accepts` is asked about the text with its secrets put in."""

    name: str
    accepts: Callable[[str], bool]


def _is_encoding(name: str) -> bool:
    """Whether Python knows it and it is one of text: base64 and the like are codecs too."""
    try:
        codecs.lookup(name)
        return "字a".encode(name, "ignore") is not None
    except (LookupError, ValueError, UnicodeError):
        return False


def _is_network(text: str) -> bool:
    try:
        return ipaddress.ip_network(text) is not None
    except ValueError:
        return False


def _is_folder(text: str) -> bool:
    """A path, or a url of a folder; a url whose kind has no door yet is told when the door is opened."""
    kind = text.partition("://")[0]
    is_faulty = kind in ("sftp", "s3") and fault_of(text) is not None
    return bool(text.strip()) and not text.startswith(("sqlite:", "memory:")) and not is_faulty


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


_URL = r"[A-Za-z][A-Za-z0-9+.-]*://"
_SQLITE_PATH = re.compile(r"(sqlite(?:\+\w+)?:///)([^/:].*)")

filled = Rule("filled", lambda text: bool(text.strip()))
division = Rule("division", _matches(r"[1-9][0-9]{5}"))
township = Rule("township", _matches(r"[1-9][0-9]{8}"))
place = Rule("place", _matches(r"[1-9][0-9](?:[0-9]{2}){0,2}|[1-9][0-9]{8}|[1-9][0-9]{11}"))
policy_name = Rule("policy_name", _matches(r"[A-Za-z0-9][A-Za-z0-9._-]*"))
encoding = Rule("encoding", _is_encoding)
files_url = Rule("files_url", _is_folder)
database_url = Rule("database_url", _matches(_URL + r".*"))
http_url = Rule("http_url", _matches(r"(https://|http://(127\.0\.0\.1|localhost)[:/]).+"))
key_id = Rule("key_id", _matches(r"[A-Za-z0-9._-]{1,64}"))
network = Rule("network", _is_network)
channel_url = Rule("channel_url", _matches(_URL + r".+"))

_URL_RULES = {"files": files_url, "database": database_url, "http": http_url}


def url_of(connector: str) -> Rule:
    """What the url of a feed may be, by its connector."""
    return _URL_RULES.get(connector, filled)


def absolute(url: str, base: Path) -> str:
    """A url as it is; a relative path, alone or behind `sqlite:///`, made absolute from `base`."""
    if match := _SQLITE_PATH.fullmatch(url):
        return f"{match[1]}{base / match[2]}"
    return with_absolute_paths(url, base) if "://" in url or not url else str(base / url)
