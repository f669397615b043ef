from __future__ import annotations

import ssl
import subprocess
import threading

import pytest

from fetch.mirror import File, Handler, Quiet
from flows.fetch import request as module
from flows.fetch.http_policy import HttpPolicy
from flows.fetch.request import Want
from flows.fetch.web import Web
from geo.errors import SourceUnreachableError


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, monkeypatch, deaths_csv):
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
         "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl to make a certificate with")
    server = Quiet(("127.0.0.1", 0), Handler)
    server.files = {"/x": File(deaths_csv)}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setattr(module, "refuse_address", lambda _url, _manners: None)
    try:
        want = Want(f"https://127.0.0.1:{server.server_port}/x", "x")
        with (
            Web(HttpPolicy(pause_s=0, timeout_s=2, tries=1)) as plain,
            pytest.raises(SourceUnreachableError, match="certificate cannot be verified"),
        ):
            plain.download(want, tmp_path / "part")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert not (tmp_path / "part").exists()
