"""Servers of one process that stand in for a team's own: S3, SFTP and mail."""

from __future__ import annotations

import os
import socket
import socketserver
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

EXTRAS = "set up by `make attack`"
WORD = "open sesame"


@contextmanager
def s3(*buckets):
    """Serve buckets; give the variables by which a client finds them, which are set meanwhile."""
    fsspec = pytest.importorskip("fsspec")
    pytest.importorskip("s3fs", reason=EXTRAS)
    moto = pytest.importorskip("moto.server", reason=EXTRAS)
    server = moto.ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    env = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test")
    env |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            for bucket in buckets:
                fsspec.filesystem("s3").mkdir(bucket)
            yield env
    finally:
        server.stop()


@contextmanager
def sftp(folder: Path):
    """Serve a folder by SFTP to whoever knows the word; give the port and the server's key."""
    paramiko = pytest.importorskip("paramiko", reason=EXTRAS)

    def there(path):
        return folder / path.lstrip("/")

    def told(work):
        try:
            return work()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    class Door(paramiko.ServerInterface):
        def check_auth_password(self, _user, password):
            return paramiko.AUTH_SUCCESSFUL if password == WORD else paramiko.AUTH_FAILED

        def check_channel_request(self, *_):
            return paramiko.OPEN_SUCCEEDED

    class Handle(paramiko.SFTPHandle):
        def stat(self):
            return paramiko.SFTPAttributes.from_stat(os.fstat(self.writefile.fileno()))

    class Files(paramiko.SFTPServerInterface):
        def stat(self, path):
            return told(lambda: paramiko.SFTPAttributes.from_stat(there(path).stat()))

        def mkdir(self, path, _attributes):
            return told(there(path).mkdir) or paramiko.SFTP_OK

        def open(self, path, flags, _attributes):
            def opened():
                handle = Handle(flags)
                mode = "r+b" if flags & os.O_RDWR else "wb"
                handle.writefile = os.fdopen(os.open(there(path), flags, 0o600), mode)
                return handle

            return told(opened)

    key = paramiko.ECDSAKey.generate()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            with suppress(OSError):
                while True:
                    transport = paramiko.Transport(listening.accept()[0])
                    transport.add_server_key(key)
                    transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
                    transport.start_server(server=Door(), event=Event())

        Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], key
        listening.shutdown(socket.SHUT_RDWR)


class _Postman(socketserver.StreamRequestHandler):
    """As much of a mail server as a letter needs (RFC 5321)."""

    def handle(self):
        def say(line):
            self.wfile.write(f"{line}\r\n".encode())

        say("220 post")
        for raw in self.rfile:
            word = raw.decode().strip().upper()
            if word == "DATA":
                say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.letters.append(b"".join(lines).decode())
            say("221 bye" if word == "QUIT" else "250 well")
            if word == "QUIT":
                return


@contextmanager
def post():
    """Take letters; give the port and the list that they will be in."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Postman) as server:
        server.letters = []
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], server.letters
        server.shutdown()
