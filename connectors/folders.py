"""A feed's folder wherever it lies: on this machine, on an SFTP server, in an object store. It is only read.

Every question to another machine has a time limit and is asked a few times; which of its faults say what to whom
stands in `_FAULTS`. Nothing that a server says, and no password, enters a sentence.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import fsspec
import stamina
from fsspec.asyn import sync

from connectors.base import SourceUnavailable

_ATTEMPTS = 3
_SECONDS = 60  # for one answer
_SLOWEST = 64 << 10  # bytes a second: what a large file may take longer

T = TypeVar("T")

stamina.instrumentation.set_on_retry_hooks([])  # they would write down the exception, and what it quotes


@dataclass(frozen=True)
class Entry:
    """Something in the folder. `kind` is "file", "directory" or anything else; `version` changes when it is written."""

    name: str
    kind: str
    size: int
    version: str


class Folder(Protocol):
    """What the files of a feed lie in. `shown` is where, without secrets; every question raises SourceUnavailable."""

    shown: str
    is_remote: bool

    def entries(self) -> list[Entry]:
        """Everything in the folder itself, not in folders in it."""

    def version(self, name: str) -> str:
        """The version of a file now; empty where it went."""

    def content(self, name: str, size: int) -> bytes:
        """The bytes of a file that was seen to be of that size."""


class LocalFolder:
    """A folder on this machine."""

    is_remote = False

    def __init__(self, path: str) -> None:
        self.shown = path
        self._path = path.rstrip("/") or "/"
        self._files = fsspec.filesystem("file")

    def entries(self) -> list[Entry]:
        """As Folder says; `folder_missing`, `folder_unreadable`."""
        try:
            found = self._files.ls(self._path, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            raise SourceUnavailable("folder_missing", folder=self.shown) from None
        except OSError:
            raise SourceUnavailable("folder_unreadable", folder=self.shown) from None
        if len(found) == 1 and found[0]["name"].rstrip("/") == self._path and found[0]["type"] != "directory":
            raise SourceUnavailable("folder_missing", folder=self.shown)
        return [_entry(each) for each in found]

    def version(self, name: str) -> str:
        """As Folder says."""
        try:
            return _entry(self._files.info(f"{self._path}/{name}")).version
        except OSError:
            return ""

    def content(self, name: str, size: int) -> bytes:
        """As Folder says; `file_unreadable`."""
        try:
            return bytes(self._files.cat_file(f"{self._path}/{name}"))
        except OSError:
            raise SourceUnavailable("file_unreadable", name=name) from None


class RemoteFolder:
    """A folder on another machine. It is connected to at the first question, and again after a fault."""

    is_remote = True

    def __init__(self, connect: Callable[[], Any], path: str, server: str, shown: str) -> None:
        self.shown = shown
        self._connect, self._path, self._server = connect, path.rstrip("/"), server
        self._files: Any = None

    def entries(self) -> list[Entry]:
        """As Folder says; `folder_missing`, `folder_unreadable`, `folder_server`."""
        try:
            found = self._ask(lambda files: _limited(files, "ls", _SECONDS, self._path or "/", detail=True))
        except FileNotFoundError:
            raise SourceUnavailable("folder_missing", folder=self.shown) from None
        except PermissionError:
            raise SourceUnavailable("folder_unreadable", folder=self.shown) from None
        return [_entry(each) for each in found if each["name"].rstrip("/") != self._path]

    def version(self, name: str) -> str:
        """As Folder says; `folder_server`."""
        path = f"{self._path}/{name}"
        try:
            return _entry(self._ask(lambda files: _limited(files, "info", _SECONDS, path))).version
        except (FileNotFoundError, PermissionError):
            return ""

    def content(self, name: str, size: int) -> bytes:
        """As Folder says; `file_unreadable`, `folder_server`."""
        path, seconds = f"{self._path}/{name}", _SECONDS + size // _SLOWEST
        try:
            return bytes(self._ask(lambda files: _limited(files, "cat_file", seconds, path)))
        except (FileNotFoundError, PermissionError):
            raise SourceUnavailable("file_unreadable", name=name) from None

    def _ask(self, question: Callable[[Any], T]) -> T:
        """The answer, after a few attempts; what the folder answers is not asked again."""
        try:
            for attempt in stamina.retry_context(on=_is_passing, attempts=_ATTEMPTS, wait_initial=0.3, wait_max=3.0):
                with attempt:
                    return self._asked(question)
        except (FileNotFoundError, PermissionError):
            raise
        except Exception as fault:
            if how := _how(fault):
                raise SourceUnavailable("folder_server", how=how, server=self._server) from None
            raise
        raise AssertionError("stamina leaves with an answer or a fault")

    def _asked(self, question: Callable[[Any], T]) -> T:
        if self._files is None:
            self._files = self._connected()
        try:
            return question(self._files)
        except (FileNotFoundError, PermissionError):
            raise
        except Exception as fault:
            if "AWS Error NO_SUCH_BUCKET" in str(fault):
                raise FileNotFoundError from None
            self._files = None  # a connection that failed once is not asked again
            raise

    def _connected(self) -> Any:
        try:
            return self._connect()
        except (FileNotFoundError, PermissionError) as fault:  # not of the folder: of the key file, or the login
            how = "key_file" if isinstance(fault, FileNotFoundError) else "login"
            raise SourceUnavailable("folder_server", how=how, server=self._server) from None


def _limited(files: Any, question: str, seconds: float, *arguments: Any, **options: Any) -> Any:
    """One question to a file system. Those that wait in a loop of their own get the limit here."""
    if files.async_impl:
        return sync(files.loop, getattr(files, f"_{question}"), *arguments, timeout=seconds, **options)
    return getattr(files, question)(*arguments, **options)


_FAULTS = {  # the class of an exception, or one that it is made from: how the sentence goes
    "asyncssh.misc.HostKeyNotVerifiable": "host_key",
    "asyncssh.misc.PermissionDenied": "login",
    "asyncssh.public_key.KeyImportError": "key_file",
    "asyncssh.misc.Error": "away",
    "builtins.TimeoutError": "slow",
    "builtins.OSError": "away",
}
_S3_SAYS = re.compile(r"AWS Error ([A-Z_]+)")
_S3_FAULTS = dict.fromkeys(("ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH"), "login")
_PASSING = ("slow", "away")


def _how(fault: BaseException) -> str | None:
    """What went wrong between the machines; None for a fault of ours."""
    if said := _S3_SAYS.search(str(fault)):
        return _S3_FAULTS.get(said[1], "away")
    kinds = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(fault).__mro__)
    return next((_FAULTS[kind] for kind in kinds if kind in _FAULTS), None)


def _is_passing(fault: Exception) -> bool:
    return not isinstance(fault, FileNotFoundError | PermissionError) and _how(fault) in _PASSING


def _entry(told: dict[str, Any]) -> Entry:
    name = str(told["name"]).rstrip("/").rsplit("/", 1)[-1]
    kind = "link" if told.get("islink") else str(told["type"])
    size = int(told.get("size") or 0)
    return Entry(name, kind, size, f"{size} {told.get('mtime')}")
