"""A signature and a time stamp pin a bundle from outside; key and authority are made up here."""

from __future__ import annotations

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flows.cli.evidence import verify_bundle
from flows.cli.seals import sign_bundle, stamp_bundle
from flows.workflow import seals
from geo.errors import EvidenceError, InputProblems, SourceUnreachableError
from geo.evidence import MANIFEST, SIGNATURE, TIMESTAMP
from geo.evidence.custody.chain import manifest

pytestmark = pytest.mark.skipif(
    not (shutil.which("ssh-keygen") and shutil.which("openssl")), reason="needs OpenSSH, OpenSSL"
)
WHOLE = (
    "test_a_signed_bundle_that_was_forged_and_rehashed_is_refused",
    "test_a_bundle_that_does_not_hold_is_neither_signed_nor_stamped",
)
"""Tests that ask everything of a bundle; it takes seconds each time."""
CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Made-up root
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[authority]
basicConstraints = CA:FALSE
extendedKeyUsage = critical, timeStamping
[stamps]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
"""


@pytest.fixture(autouse=True)
def _only_seals(request, monkeypatch):
    """Leave out what else `verify` asks, where a test is about signatures and stamps alone."""
    if request.node.originalname not in WHOLE:
        monkeypatch.setattr("geo.evidence.verify", lambda *_: [])


def made(*command, given=None):
    return subprocess.run(command, check=True, capture_output=True, input=given).stdout


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "key"
    made("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "analyst", "-f", str(path))
    return path


@pytest.fixture(scope="module")
def signers(key):
    path = key.with_name("signers")
    path.write_text(f"analyst@example.org {key.with_suffix('.pub').read_text('utf-8')}", "utf-8")
    return path


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Return a folder with a root, root.pem, and what answers requests for stamps."""
    folder = tmp_path_factory.mktemp("authority")
    config = folder / "conf"
    config.write_text(CONFIG.format(folder=folder), "utf-8")
    (folder / "serial").write_text("01", "utf-8")
    new = ("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-config", str(config))
    made(*new, "-x509", "-extensions", "root", "-keyout", str(folder / "root.key"),
         "-out", str(folder / "root.pem"))  # fmt: skip
    made(*new, "-subj", "/CN=Made-up authority", "-keyout", str(folder / "key"),
         "-out", str(folder / "asked"))  # fmt: skip
    made("openssl", "x509", "-req", "-in", str(folder / "asked"), "-CA", str(folder / "root.pem"),
         "-CAkey", str(folder / "root.key"), "-CAcreateserial", "-extfile", str(config),
         "-extensions", "authority", "-out", str(folder / "cert.pem"))  # fmt: skip
    return folder


def answer(authority, query):
    asked, out = authority / "query", authority / "answer"
    asked.write_bytes(query)
    made("openssl", "ts", "-reply", "-queryfile", str(asked), "-config", str(authority / "conf"),
         "-section", "stamps", "-signer", str(authority / "cert.pem"),
         "-inkey", str(authority / "key"), "-out", str(out))  # fmt: skip
    return out.read_bytes()


@pytest.fixture
def whole(bundle, tmp_path):
    return shutil.copytree(bundle, tmp_path / "run")


def forge(folder):
    """Change a number and write the manifest anew, as a forger would."""
    page = folder / "index.html"
    page.write_text(page.read_text("utf-8").replace("L0", "L3") + " ", "utf-8")
    (folder / MANIFEST).write_bytes(manifest(folder))


def refused(folder, capsys, **options):
    capsys.readouterr()
    assert verify_bundle(str(folder), **options) == 2
    return capsys.readouterr().out


def test_an_unsigned_bundle_says_so_and_is_refused_where_a_signature_is_asked_for(
    whole, signers, authority, capsys
):
    assert verify_bundle(str(whole)) == 0
    said = capsys.readouterr().out
    assert "unsigned" in said
    assert "no time stamp" in said
    assert "signature by one of --signers" in refused(whole, capsys, signers=signers)
    root = authority / "root.pem"
    assert "one by --authorities is asked for" in refused(whole, capsys, authorities=root)


def test_a_signed_bundle_that_was_forged_and_rehashed_is_refused(whole, key, signers, capsys):
    assert sign_bundle(str(whole), key) == 0
    assert verify_bundle(str(whole), signers=signers) == 0
    assert "signed by analyst@example.org, ED25519 SHA256:" in capsys.readouterr().out
    with pytest.raises(EvidenceError, match="there already"):
        sign_bundle(str(whole), key)
    forge(whole)
    assert "none of this SHA256SUMS" in refused(whole, capsys)


def test_a_forger_who_signs_again_or_takes_the_signature_off_is_refused(
    whole, key, signers, tmp_path, capsys
):
    sign_bundle(str(whole), key)
    forge(whole)
    (whole / SIGNATURE).unlink()
    assert "unsigned" in refused(whole, capsys, signers=signers)
    own = tmp_path / "forger"
    made("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(own))
    seals.sign(whole, own)
    assert "none of the keys in signers" in refused(whole, capsys, signers=signers)


def test_a_signature_made_for_something_else_does_not_pass(whole, key, capsys):
    made("ssh-keygen", "-Y", "sign", "-f", str(key), "-n", "file", str(whole / MANIFEST))
    assert "none of this SHA256SUMS" in refused(whole, capsys)


def test_a_bundle_that_does_not_hold_is_neither_signed_nor_stamped(whole, key, tmp_path):
    (whole / "index.html").write_text("edited", "utf-8")
    with pytest.raises(EvidenceError, match="sign nothing that does not hold"):
        sign_bundle(str(whole), key)
    with pytest.raises(EvidenceError, match="does not hold"):
        stamp_bundle(str(whole), request=tmp_path / "request")
    with pytest.raises(InputProblems, match="there is no file"):
        seals.sign(whole, tmp_path / "nokey")


def test_a_time_stamp_is_had_by_hand_and_pins_the_manifest(whole, authority, tmp_path, capsys):
    query, token = tmp_path / "request", tmp_path / "token"
    stamp_bundle(str(whole), request=query)
    token.write_bytes(answer(authority, query.read_bytes()))
    assert stamp_bundle(str(whole), token=token) == 0
    assert "as stamped by CN = Made-up authority" in capsys.readouterr().out
    assert verify_bundle(str(whole), authorities=authority / "root.pem") == 0
    assert "an authority of root.pem certifies" in capsys.readouterr().out
    forge(whole)
    assert "written anew" in refused(whole, capsys)
    (whole / TIMESTAMP).unlink()
    with pytest.raises(EvidenceError, match="none of this SHA256SUMS"):
        seals.stamp(whole, token.read_bytes())
    with pytest.raises(EvidenceError, match="no answer of an authority"):
        seals.stamp(whole, b"<html>try later</html>")


def test_a_time_stamp_by_an_authority_that_nobody_trusts_is_refused(
    whole, authority, tmp_path, capsys
):
    (whole / TIMESTAMP).write_bytes(answer(authority, seals.request(whole)))
    other = tmp_path / "other.pem"
    made("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Other",
         "-keyout", str(tmp_path / "k"), "-out", str(other))  # fmt: skip
    assert "trusted here" in refused(whole, capsys, authorities=other)


def test_an_authority_is_asked_over_the_network(whole, authority, capsys):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            good = self.path == "/stamp"
            body = answer(authority, query) if good else b"<html>no</html>"
            self.send_response(200)
            kind = "application/timestamp-reply" if good else "text/html"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(SourceUnreachableError, match="not with a time stamp"):
            stamp_bundle(str(whole), authority=f"{at}/elsewhere")
        assert stamp_bundle(str(whole), authority=f"{at}/stamp") == 0
        server.shutdown()
    assert verify_bundle(str(whole)) == 0
    assert "there on 20" in capsys.readouterr().out
    with pytest.raises(SourceUnreachableError, match="no address"):
        stamp_bundle(str(shutil.move(whole, whole.with_name("again"))), authority="nowhere")
