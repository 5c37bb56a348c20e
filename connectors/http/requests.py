"""Signed requests, one after another, under limits: what may pass is tried again, nothing is followed."""

import secrets
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from connectors.base import FeedSource, SourceUnavailable
from connectors.http.address import Vetted, vet
from connectors.http.signing import signed_headers
from connectors.retrying import attempts

LONGEST_PAGE = 64 << 20  # bytes; a page of 10,000 rows is about three million
LONGEST_WAIT = 120  # seconds that a source may ask for between two requests
_PASSING = (429, 500, 502, 503, 504)
_TIMEOUT = httpx.Timeout(30, connect=10)


class _Again(Exception):
    """An answer that may be another one later; `after` is when the source wants to be asked, in seconds."""

    def __init__(self, status: int, after: float | None) -> None:
        super().__init__(status)
        self.status, self.after = status, after


class Requests:
    """The connection of one pull: to a judged address, until a deadline."""

    def __init__(self, client: httpx.Client, vetted: Vetted, source: FeedSource, now: Callable[[], datetime]) -> None:
        self._client, self._vetted, self._source, self._now = client, vetted, source, now
        self._urls = deque(vetted.urls)
        self._deadline = now() + timedelta(seconds=source.time_limit_seconds)

    def get(self, params: dict[str, str]) -> bytes:
        """The body of one answer of 200.

        Raises SourceUnavailable: `http_away`, `http_busy`, `http_refused`, `http_status`, `redirect_refused`,
        `certificate_refused`, `answer_too_large`, `too_slow`.
        """
        place = self._source.place
        try:
            for attempt in attempts(self._passes):
                with attempt:
                    return self._once(params)
        except _Again as busy:
            if busy.after is not None and not self._has_time_for(busy.after):
                raise SourceUnavailable("http_busy", place=place, seconds=int(busy.after)) from None
            raise SourceUnavailable("http_away", place=place, status=busy.status) from None
        except httpx.HTTPError as fault:
            if _is_distrust(fault):
                raise SourceUnavailable("certificate_refused", place=place) from None
            raise SourceUnavailable("http_away", place=place, status=type(fault).__name__) from None
        raise AssertionError  # the last attempt returns or raises

    def _passes(self, fault: Exception) -> bool | float:
        if isinstance(fault, _Again) and fault.after is not None:
            return fault.after if self._has_time_for(fault.after) else False
        if isinstance(fault, httpx.ConnectError):
            self._urls.rotate(-1)  # of several addresses the next one
        return not _is_distrust(fault) and isinstance(fault, _Again | httpx.TransportError)

    def _has_time_for(self, seconds: float) -> bool:
        return seconds <= LONGEST_WAIT and self._now() + timedelta(seconds=seconds) < self._deadline

    def _once(self, params: dict[str, str]) -> bytes:
        self._see_the_time()
        url = self._urls[0].copy_merge_params(params)
        target = url.raw_path.decode("ascii")
        signed = signed_headers(
            "GET",
            target,
            key_id=self._source.key_id,
            secret=self._source.secret,
            moment=self._now(),
            nonce=secrets.token_hex(16),
        )
        request = self._client.build_request(
            "GET",
            url,
            headers={"Host": self._vetted.authority, **signed},
            extensions={"sni_hostname": self._vetted.host},
        )
        answer = self._client.send(request, stream=True)
        try:
            self._judge(answer)
            return self._body(answer)
        finally:
            answer.close()

    def _judge(self, answer: httpx.Response) -> None:
        place, status = self._source.place, answer.status_code
        if status in _PASSING:
            raise _Again(status, self._retry_after(answer.headers.get("Retry-After", "")))
        if 300 <= status < 400:
            raise SourceUnavailable("redirect_refused", place=place, status=status)
        if status in (401, 403):
            raise SourceUnavailable("http_refused", place=place, status=status)
        if status != 200:
            raise SourceUnavailable("http_status", place=place, status=status)
        if answer.headers.get("Content-Encoding", "identity") != "identity":  # it was not asked for
            raise SourceUnavailable("answer_unusable", how="not_json", page=0)

    def _retry_after(self, text: str) -> float | None:
        """Seconds, or a date: RFC 9110."""
        if text.strip().isdigit():
            return float(text)
        try:
            return max((parsedate_to_datetime(text) - self._now()).total_seconds(), 0.0)
        except (TypeError, ValueError):
            return None

    def _body(self, answer: httpx.Response) -> bytes:
        parts, size = [], 0
        for part in answer.iter_raw():
            size += len(part)
            if size > LONGEST_PAGE:
                raise SourceUnavailable("answer_too_large", limit=f"{LONGEST_PAGE >> 20} MB")
            self._see_the_time()  # a page that drips arrives in time with every drop
            parts.append(part)
        return b"".join(parts)

    def _see_the_time(self) -> None:
        if self._now() >= self._deadline:
            raise SourceUnavailable("too_slow", seconds=self._source.time_limit_seconds, place=self._source.place)


def _is_distrust(fault: Exception) -> bool:
    """Whether the server's certificate is not trusted."""
    return "CERTIFICATE_VERIFY_FAILED" in str(fault)


@contextmanager
def open_requests(source: FeedSource, now: Callable[[], datetime]) -> Iterator[Requests]:
    """A connection past every proxy of the environment. Raises what `vet` raises, and `ca_file_unusable`."""
    vetted = vet(source.url, source.allow)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "nuanxin"}
    with httpx.Client(
        verify=_trusted(source), trust_env=False, follow_redirects=False, timeout=_TIMEOUT, headers=headers
    ) as client:
        yield Requests(client, vetted, source, now)


def _trusted(source: FeedSource) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=source.ca_file or None)
    except (OSError, ssl.SSLError):
        raise SourceUnavailable("ca_file_unusable", path=source.ca_file) from None
