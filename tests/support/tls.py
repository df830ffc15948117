"""A proxy that speaks https on this machine, as one stands before the web processes, and asks them in turn.

Each request goes to the next process, whoever sends it: nothing may live in one of them alone.
"""

import http.client
import ssl
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mash import clock

HOST = "127.0.0.1"
_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "date"}


class Proxy:
    """Where it listens, and how many requests each process has answered."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answered: Counter[int] = Counter()


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a browser keeps its connections open

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser goes when it likes."""


@contextmanager
def in_front_of(ports: Sequence[int]) -> Iterator[Proxy]:
    """Its certificate is its own: whoever comes has to trust it for the occasion."""
    turns, lock = cycle(ports), Lock()

    class Pass(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            with lock:
                port = next(turns)
                proxy.answered[port] += 1
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            upstream = http.client.HTTPConnection(HOST, port, timeout=30)
            sent = dict(self.headers.items()) | {"X-Forwarded-For": self.client_address[0], "Connection": "close"}
            upstream.request(self.command, self.path, body, sent)
            answer = upstream.getresponse()
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_THE_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            upstream.close()

        do_GET = do_POST = handle_one

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = _Server((HOST, 0), Pass)
    server.socket = _with_certificate().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    proxy = Proxy(f"https://{HOST}:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _with_certificate() -> ssl.SSLContext:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = clock.machine()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.pem"
        file.write_bytes(certificate.public_bytes(pem) + secret)
        context.load_cert_chain(file)
    return context
