"""Signatures and time stamps of a bundle's manifest, through OpenSSH and OpenSSL.

`SHA256SUMS` pins every file of a bundle. A signature pins it to a key, a time stamp (RFC 3161) to a
day; neither stands in the manifest itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from geo.errors import EvidenceError, InputProblems, Problem
from geo.evidence import MANIFEST, SIGNATURE, TIMESTAMP

NAMESPACE = "funnel-effect"
"""What the signature is for, so that none made for something else passes."""
LARGEST_TOKEN = 1_000_000
"""Bytes; a token with its chain of certificates has some 10 thousand."""
PATIENCE_S = 120
"""A key in a device waits for a touch, and one with a passphrase for its owner."""
ORIGINAL = "Get the original bundle, and with it its signature"


@dataclass(frozen=True)
class Seal:
    """What a signature or a time stamp says of a bundle: a sentence, and what is wrong with it."""

    said: str
    problems: tuple[Problem, ...] = ()


def sign(folder: Path, key: Path) -> str:
    """Sign the manifest of a bundle with an OpenSSH key and return the fingerprint of the key.

    Parameters
    ----------
    folder
        The bundle; the signature is written beside its manifest.
    key
        Private key, or the public one of a key that an agent or a device holds.

    Raises
    ------
    EvidenceError
        If there is a signature already, or ssh-keygen does not sign.
    """
    target = folder / SIGNATURE
    if target.exists():
        raise EvidenceError(f"{target} is there already; remove it to sign again")
    if not key.is_file():
        problem = Problem("--key", f"there is no file {key}", "Make one: ssh-keygen -t ed25519")
        raise InputProblems([problem])
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / MANIFEST
        shutil.copyfile(folder / MANIFEST, copy)
        command = ["ssh-keygen", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(copy)]
        done = _run(command, scratch, asks=True)
        made = copy.with_name(SIGNATURE)
        if done.returncode or not made.is_file():
            raise EvidenceError(
                f"ssh-keygen does not sign with {key} ({_last(done)}); check key and passphrase"
            )
        _place(made.read_bytes(), target)
    return _good(folder).partition(" ")[2]


def signed(folder: Path, signers: Path | None = None) -> Seal:
    """Check the signature of a bundle.

    Parameters
    ----------
    folder
        The bundle.
    signers
        Keys that count, in the format of OpenSSH's allowed_signers; None asks only whether the
        signature is of this manifest by the key that it names.
    """
    if not (folder / SIGNATURE).exists():
        said = "unsigned: nothing outside the bundle says who made it"
        missing = "the bundle is unsigned, and a signature by one of --signers is asked for"
        return Seal(said, (Problem(SIGNATURE, missing, ORIGINAL),) if signers else ())
    try:
        key = _good(folder)
    except EvidenceError as error:
        return Seal("signed, but not as it is now", (_broken(str(error)),))
    if signers is None:
        return Seal(f"signed by {key}; whose key that is, --signers FILE tells")
    who = _principal(folder, signers)
    if who is None:
        what = f"signed by {key}, which is none of the keys in {signers.name}"
        return Seal(what, (Problem(SIGNATURE, what, ORIGINAL),))
    return Seal(f"signed by {who}, {key}")


def _broken(text: str) -> Problem:
    what, _, remedy = text.partition("; ")
    return Problem(SIGNATURE, what, remedy[:1].upper() + remedy[1:] or ORIGINAL)


def _good(folder: Path) -> str:
    """Return kind and fingerprint of the key whose signature holds for the manifest."""
    command = ["ssh-keygen", "-Y", "check-novalidate", "-n", NAMESPACE,
               "-s", str(folder / SIGNATURE)]  # fmt: skip
    done = _run(command, folder, (folder / MANIFEST).read_bytes())
    found = re.search(r"with (\S+) key (SHA256:\S+)", done.stdout)
    if done.returncode or found is None:
        raise EvidenceError(
            "the signature is none of this SHA256SUMS: the manifest was written anew after it was "
            "signed, or the signature was exchanged; get the original bundle"
        )
    return f"{found[1]} {found[2]}"


def _principal(folder: Path, signers: Path) -> str | None:
    """Return the name under which the key of the signature is allowed to sign."""
    if not signers.is_file():
        problem = Problem("--signers", f"there is no file {signers}", "Check the path")
        raise InputProblems([problem])
    about = ["-f", str(signers), "-s", str(folder / SIGNATURE)]
    content = (folder / MANIFEST).read_bytes()
    for who in _run(["ssh-keygen", "-Y", "find-principals", *about], folder).stdout.splitlines():
        command = ["ssh-keygen", "-Y", "verify", "-n", NAMESPACE, "-I", who, *about]
        if who and not _run(command, folder, content).returncode:
            return who
    return None


def request(folder: Path) -> bytes:
    """Return the request for a time stamp of a bundle's manifest (RFC 3161, SHA-256)."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "request.tsq"
        command = ["openssl", "ts", "-query", "-data", str(folder / MANIFEST), "-sha256", "-cert",
                   "-out", str(out)]  # fmt: skip
        done = _run(command, scratch)
        if done.returncode:
            raise EvidenceError(f"openssl makes no request ({_last(done)}); check its installation")
        return out.read_bytes()


def stamp(folder: Path, token: bytes) -> str:
    """Put an authority's answer beside the manifest and return what it says.

    Raises
    ------
    EvidenceError
        If there is one already, or it is none for this manifest.
    """
    target = folder / TIMESTAMP
    if target.exists():
        raise EvidenceError(f"{target} is there already; remove it to ask again")
    found = _token(folder / MANIFEST, token, None)
    if found.problems:
        raise EvidenceError(f"{found.problems[0].what}; ask the authority again")
    _place(token, target)
    return found.said


def stamped(folder: Path, authorities: Path | None = None) -> Seal:
    """Check the time stamp of a bundle.

    Parameters
    ----------
    folder
        The bundle.
    authorities
        Certificates that are trusted, PEM; None asks only whether the token is of this manifest
        and signed with the certificate that it carries.
    """
    path = folder / TIMESTAMP
    if not path.exists():
        said = "no time stamp: nothing outside the bundle says when it was there"
        missing = "the bundle has no time stamp, and one by --authorities is asked for"
        return Seal(said, (Problem(TIMESTAMP, missing, ORIGINAL),) if authorities else ())
    if authorities is not None and not authorities.is_file():
        problem = Problem("--authorities", f"there is no file {authorities}", "Check the path")
        raise InputProblems([problem])
    if path.stat().st_size > LARGEST_TOKEN:
        return _no_stamp("the time stamp is too large to be one")
    return _token(folder / MANIFEST, path.read_bytes(), authorities)


def _token(data: Path, token: bytes, authorities: Path | None) -> Seal:
    with tempfile.TemporaryDirectory() as scratch:
        answer, bare, chain = (Path(scratch) / n for n in ("answer", "token", "chain.pem"))
        answer.write_bytes(token)
        read = ["openssl", "ts", "-reply", "-in", str(answer)]
        text = _run([*read, "-text"], scratch).stdout
        time = re.search(r"Time stamp: (.+)", text)
        if time is None or "Status: Granted" not in text:
            return _no_stamp("the time stamp is no answer of an authority that grants one")
        _run([*read, "-token_out", "-out", str(bare)], scratch)
        _run(["openssl", "pkcs7", "-inform", "DER", "-in", str(bare), "-print_certs",
              "-out", str(chain)], scratch)  # fmt: skip
        when = _moment(time[1])
        trusted = ["-CAfile", str(chain), "-partial_chain"]
        if authorities is not None:
            trusted = ["-CAfile", str(authorities.absolute()), "-untrusted", str(chain)]
        done = _run(["openssl", "ts", "-verify", "-data", str(data), "-in", str(answer), *trusted,
                     "-attime", str(int(when.timestamp()))], scratch)  # fmt: skip
        authority = re.search(r"^subject=(.+)$", chain.read_text("utf-8", "replace"), re.MULTILINE)
    if done.returncode:
        return _no_stamp(
            "the time stamp is none of this SHA256SUMS by an authority that is trusted here: the "
            "manifest was written anew, or the certificate is none of --authorities"
            if authorities is not None
            else "the time stamp is none of this SHA256SUMS: the manifest was written anew after it"
        )
    said = f"there on {when:%Y-%m-%d %H:%M:%S} UTC"
    if authorities is not None:
        return Seal(f"{said}, as an authority of {authorities.name} certifies")
    named = authority[1].strip() if authority else "an unnamed authority"
    return Seal(f"{said}, as stamped by {named}; whether to trust it, --authorities FILE tells")


def _moment(text: str) -> datetime:
    plain = re.sub(r"\.\d+", "", " ".join(text.split())).removesuffix(" GMT")
    return datetime.strptime(plain, "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)


def _no_stamp(what: str) -> Seal:
    problem = Problem(TIMESTAMP, what, "Get the original bundle, and with it its time stamp")
    return Seal("stamped, but not as it is now", (problem,))


def _place(content: bytes, target: Path) -> None:
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(content)
    partial.replace(target)


def _run(
    command: Sequence[str], folder: Path | str, given: bytes = b"", *, asks: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a program of the system; `asks` leaves it the terminal, for a passphrase."""
    quiet = {} if asks else {"SSH_ASKPASS_REQUIRE": "never"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            input=None if asks else given,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
            env={**os.environ, **quiet, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        package = "OpenSSH" if command[0] == "ssh-keygen" else "OpenSSL"
        raise EvidenceError(f"{command[0]} is not there; install {package}") from None
    except subprocess.TimeoutExpired:
        raise EvidenceError(f"{command[0]} does not answer; try it by hand") from None
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return " ".join(lines[-1].split())[:200] if lines else "it says nothing"
