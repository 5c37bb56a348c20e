"""Real servers on the loopback, each a process of its own: SFTP (asyncssh) and an S3 store (moto)."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pyarrow.fs as pa_fs

USER, PASSWORD = "nuanxin", "s3cret/@:%"
PASSWORD_IN_URL = "s3cret%2F%40%3A%25"
_SFTP = """
import asyncio, sys
import asyncssh

port, root, host_key, client_key, delay = int(sys.argv[1]), sys.argv[2].encode(), *sys.argv[3:5], float(sys.argv[5])
user, password = sys.argv[6:8]

class Door(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True
    def validate_password(self, who, said):
        return (who, said) == (user, password)

class Folder(asyncssh.SFTPServer):
    def __init__(self, channel):
        super().__init__(channel, chroot=root)
    async def scandir(self, path):
        await asyncio.sleep(delay)
        async for entry in super().scandir(path):
            yield entry

async def serve():
    await asyncssh.create_server(Door, "127.0.0.1", port, server_host_keys=[host_key], sftp_factory=Folder,
                                 authorized_client_keys=client_key + ".pub")
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class SftpServer:
    """A server over `root`; its url logs in by password."""

    root: Path
    port: int
    key: Path
    known_hosts: Path
    command: list[str]
    process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None and self.process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    def url(self, folder: str = "inbox", secret: str = f":{PASSWORD_IN_URL}", **options: str) -> str:
        options = {"known_hosts": str(self.known_hosts), **options}
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"sftp://{USER}{secret}@127.0.0.1:{self.port}/{folder}?{query}"


@contextlib.contextmanager
def sftp_server(home: Path, delay: float = 0.0) -> Iterator[SftpServer]:
    """`delay`: seconds before a folder is told."""
    keys = {name: home / name for name in ("host_key", "client_key", "other_key")}
    for path in keys.values():
        made = asyncssh.generate_private_key("ssh-ed25519")
        made.write_private_key(path)
        made.write_public_key(f"{path}.pub")
    (home / "root" / "inbox").mkdir(parents=True)
    port = free_port()
    known_hosts = home / "known_hosts"
    known_hosts.write_text(f"[127.0.0.1]:{port} {(home / 'host_key.pub').read_text()}")
    words = [str(port), str(home / "root"), str(keys["host_key"]), str(keys["client_key"]), str(delay), USER, PASSWORD]
    server = SftpServer(home / "root", port, keys["client_key"], known_hosts, [sys.executable, "-c", _SFTP, *words])
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Store:
    """An S3 store with a bucket `agency`."""

    port: int
    files: pa_fs.S3FileSystem
    process: subprocess.Popen[Any]

    def url(self, folder: str = "agency/inbox", keys: str = "AKIDEXAMPLE:s3cret%2Fkey") -> str:
        return f"s3://{keys}@{folder}?endpoint=http://127.0.0.1:{self.port}&region=cn-north-1"

    def put(self, path: str, content: bytes) -> None:
        with self.files.open_output_stream(f"agency/{path}", compression=None) as stream:
            stream.write(content)


@contextlib.contextmanager
def store(open_questions: int | None = None) -> Iterator[Store]:
    """`open_questions`: how many it answers before it wants keys that it knows, of which there are none."""
    port = free_port()
    wants = {} if open_questions is None else {"INITIAL_NO_AUTH_ACTION_COUNT": str(open_questions)}
    command = [sys.executable, "-c", "import sys; from moto.server import main; main(sys.argv[1:])"]
    with _running([*command, "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL, **wants) as process:
        _wait(lambda: _answers(port))
        files = pa_fs.S3FileSystem(
            access_key="AKIDEXAMPLE",
            secret_key="s3cret/key",
            scheme="http",
            endpoint_override=f"127.0.0.1:{port}",
            region="cn-north-1",
            allow_bucket_creation=True,
        )
        files.create_dir("agency")
        yield Store(port, files, process)


@contextlib.contextmanager
def _running(command: list[str], stderr: int | None = None, **environment: str) -> Iterator[subprocess.Popen[Any]]:
    environment = {**os.environ, "no_proxy": "*", **environment}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait(is_there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_there():
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/")
        return connection.getresponse().status > 0
    except OSError:
        return False
