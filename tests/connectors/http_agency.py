"""An agency's interface as a process of its own, written from docs/interface.md and from nothing else.

    python -m tests.connectors.http_agency FOLDER [--tls]

FOLDER/plan.json says what it has and how it misbehaves; it is read anew for every request:
`rows`, `page` (rows a page), `total` (declare rows_total), `first` (answers given before the usual ones, each with
status, headers, body, wait, drip). FOLDER/asked.jsonl gets what was asked; FOLDER/port the port that was taken.
"""

import hashlib
import hmac
import json
import ssl
import sys
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEYS = {"zhangdian-01": "an-invented-secret"}
FOLDER = Path()
SEEN: set[str] = set()


class Agency(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        plan = json.loads((FOLDER / "plan.json").read_text())
        asked = FOLDER / "asked.jsonl"
        number = len(asked.read_text().splitlines()) if asked.exists() else 0
        with asked.open("a") as lines:
            lines.write(json.dumps({"path": self.path, "headers": dict(self.headers)}) + "\n")
        first = plan.get("first", [])
        if number < len(first):
            self.say(**first[number])
        elif not self.is_signed():
            self.say(401)
        else:
            self.say(200, body=json.dumps(self.page(plan), ensure_ascii=False))

    def is_signed(self) -> bool:
        """Whether somebody who has the secret asked exactly this, a moment ago, for the first time."""
        said = {name: self.headers.get(f"X-Nuanxin-{name}", "") for name in ("Key", "Timestamp", "Nonce", "Digest")}
        empty = hashlib.sha256(b"").hexdigest()
        lines = ["NUANXIN-HMAC-SHA256", "GET", self.path, said["Key"], said["Timestamp"], said["Nonce"], empty]
        secret = KEYS.get(said["Key"], "")
        ours = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
        age = datetime.now(UTC) - datetime.strptime(said["Timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        is_new = said["Nonce"] not in SEEN
        SEEN.add(said["Nonce"])
        theirs = self.headers.get("X-Nuanxin-Signature", "")
        return (
            is_new and abs(age.total_seconds()) < 300 and said["Digest"] == empty and hmac.compare_digest(ours, theirs)
        )

    def page(self, plan: dict[str, Any]) -> dict[str, Any]:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        due = [row for row in plan["rows"] if _is_due(row.get("updated_at"), asked)]
        begin, size = int(asked.get("cursor", 0)), plan.get("page", 2)
        end = begin + size
        answer = {"rows": due[begin:end], "next": str(end) if end < len(due) else None}
        return answer | ({"rows_total": len(due)} if plan.get("total") else {})

    def say(
        self, status: int, headers: dict[str, str] | None = None, body: str = "", wait: float = 0, drip: float = 0
    ) -> None:
        time.sleep(wait)
        content = body.encode("utf-8", "surrogatepass")
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        for at in range(len(content)) if drip else ():
            self.wfile.write(content[at : at + 1])
            time.sleep(drip)
        if not drip:
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error."""


def _is_due(updated_at: str | None, asked: dict[str, str]) -> bool:
    """An interface may leave `until` to nuanxin; this one does."""
    return not updated_at or updated_at >= asked.get("since", "").replace("T", " ")[:19]


def main() -> None:
    global FOLDER  # noqa: PLW0603  # one server a process
    FOLDER = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Agency)
    server.daemon_threads = True
    if "--tls" in sys.argv:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(FOLDER / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    (FOLDER / "port.part").write_text(str(server.server_address[1]))
    (FOLDER / "port.part").rename(FOLDER / "port")
    server.serve_forever()


if __name__ == "__main__":
    main()
