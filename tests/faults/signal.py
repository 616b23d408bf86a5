"""A bad signal: a proxy before the live server that cuts connections, loses answers and sends twice, by a seed; twice at
one moment, so that both are on their way together."""

import http.client
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


class BadSignal(ThreadingHTTPServer):
    """Passes everything on; of what is asked of the API it cuts, loses and doubles these shares."""

    daemon_threads = True

    def __init__(self, target: str, *, cut: float, lost: float, doubled: float, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.target = urlsplit(target).netloc
        self.cut, self.lost, self.doubled = cut, lost, doubled
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.done: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_address[1]}"

    def fate(self) -> str:
        with self.lock:
            drawn = self.chance.random()
            cut_before = self.chance.random() < 0.5
            for fate, share in (("cut", self.cut), ("lost", self.lost), ("doubled", self.doubled)):
                if drawn < share:
                    name = f"cut {'before' if cut_before else 'in'}" if fate == "cut" else fate
                    break
                drawn -= share
            else:
                name = "passed"
            self.done[name] += 1
        return name

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers hang up too; that is no news here."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BadSignal

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fate = self.server.fate() if self.path.startswith("/api/") else "passed"
        if fate == "cut before":
            self._hang_up()
            return
        if fate == "cut in":
            self._send_half(body)
            self._hang_up()
            return
        other = threading.Thread(target=self._ask, args=[body])
        if fate == "doubled":
            other.start()
        status, headers, content = self._ask(body)
        if fate == "doubled":
            other.join()
        if fate == "lost":
            self._hang_up()
            return
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP | {"content-length", "date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = _pass

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.server.target, timeout=60)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _send_half(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.server.target, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[: len(body) // 2])
        connection.close()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *said: Any) -> None:
        """Nothing is told on the console."""


@contextmanager
def bad_signal(target: str, **shares: Any) -> Iterator[BadSignal]:
    proxy = BadSignal(target, **shares)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
