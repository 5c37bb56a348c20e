"""Folders on other machines by their url: `sftp://user:password@host:port/path`, `s3://key:secret@bucket/path`.

What is in front of the path is percent-encoded where it holds `@ / : ? #`. Behind `?`:
sftp: `key` (a private key file), `known_hosts` (default: ~/.ssh/known_hosts of the user that runs nuanxin);
s3: `endpoint` (https://host:port of another store than Amazon's), `region`.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from connectors.base import SourceUnavailable
from connectors.folders import Folder, LocalFolder, RemoteFolder

_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 60
_OPTIONS = {"sftp": ("key", "known_hosts"), "s3": ("endpoint", "region")}
_PATHS = ("key", "known_hosts")
_ENDPOINT = re.compile(r"(?P<scheme>https|http(?=://(?:127\.0\.0\.1|localhost)(?::|$)))://(?P<host>[^/@?#]+)")


def open_folder(url: str) -> Folder:
    """The folder behind a path or url. SourceUnavailable(`door_not_built`) for a url of another file system."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return LocalFolder(url)
    if scheme == "file":
        return LocalFolder(rest)
    if scheme not in _FOLDERS:
        raise SourceUnavailable("door_not_built", connector=scheme)
    if fault_of(url):
        raise SourceUnavailable("door_not_built", connector=f"{scheme}:// ({fault_of(url)})")
    return _FOLDERS[scheme](urlsplit(url))


def fault_of(url: str) -> str | None:
    """What is wrong with a url of this module, in a word; None if nothing is."""
    try:
        parts = urlsplit(url)
        _ = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        return "url"
    if not parts.hostname or parts.fragment or parts.scheme not in _OPTIONS:
        return "url"
    if not options.keys() <= set(_OPTIONS[parts.scheme]):
        return "option"
    if "endpoint" in options and not _ENDPOINT.fullmatch(options["endpoint"].rstrip("/")):
        return "endpoint"
    return None


def with_absolute_paths(url: str, base: Path) -> str:
    """The url with the files that it names made absolute from `base`."""
    parts = urlsplit(url)
    if parts.scheme != "sftp" or not parts.query:
        return url
    options = {name: str(base / text) if name in _PATHS else text for name, text in parse_qsl(parts.query)}
    return urlunsplit(parts._replace(query=urlencode(options, safe="/")))


def _sftp(parts: SplitResult) -> Folder:
    options = dict(parse_qsl(parts.query))
    server = f"{parts.hostname}:{parts.port or 22}"
    return RemoteFolder(
        lambda: _sftp_files(parts, options), unquote(parts.path), server, f"sftp://{server}{parts.path}"
    )


def _sftp_files(parts: SplitResult, options: dict[str, str]) -> Any:
    """A connection whose server is known by its key. No agent, no configuration and no key of the account is used."""
    import asyncssh
    from sshfs.spec import SSHFileSystem

    known_hosts = Path(options.get("known_hosts") or Path.home() / ".ssh" / "known_hosts")
    if not known_hosts.is_file():
        raise asyncssh.HostKeyNotVerifiable("no known_hosts")
    return SSHFileSystem(
        parts.hostname,
        port=parts.port or 22,
        username=unquote(parts.username) if parts.username else (),
        password=unquote(parts.password) if parts.password else None,
        client_keys=[options["key"]] if "key" in options else None,
        known_hosts=str(known_hosts),
        config=None,
        agent_path=None,
        connect_timeout=_CONNECT_SECONDS,
        login_timeout=_CONNECT_SECONDS,
        keepalive_interval=15,
        timeout=2 * _CONNECT_SECONDS,
        skip_instance_cache=True,
    )


def _s3(parts: SplitResult) -> Folder:
    options = dict(parse_qsl(parts.query))
    path = f"{parts.hostname}{unquote(parts.path)}"
    endpoint = _ENDPOINT.fullmatch(options.get("endpoint", "").rstrip("/"))
    server = endpoint["host"] if endpoint else "s3"
    return RemoteFolder(lambda: _s3_files(parts, options, endpoint), path, server, f"s3://{path}")


def _s3_files(parts: SplitResult, options: dict[str, str], endpoint: re.Match[str] | None) -> Any:
    """Only the keys of the url are used, and nobody else is asked for any."""
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")  # read when the library starts
    from fsspec.implementations.arrow import ArrowFSWrapper
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    has_keys = bool(parts.username and parts.password)
    keys = {"access_key": unquote(parts.username or ""), "secret_key": unquote(parts.password or "")}
    where = {"scheme": endpoint["scheme"], "endpoint_override": endpoint["host"]} if endpoint else {}
    store = S3FileSystem(
        **(keys if has_keys else {"anonymous": True}),
        **where,
        region=options.get("region", "us-east-1"),
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=_ANSWER_SECONDS,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=1),  # the folder asks again itself
    )
    return ArrowFSWrapper(store, skip_instance_cache=True)


_FOLDERS: dict[str, Callable[[SplitResult], Folder]] = {"sftp": _sftp, "s3": _s3}
