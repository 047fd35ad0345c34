"""What is shipped in ``examples/deploy``, started as it is but for ports, folders, and times a test can wait for."""

from __future__ import annotations

import contextlib
import http.client
import os
import pathlib
import re
import socket
import sys
from collections.abc import Mapping, Sequence

from tests.hosting.nginx import need_nginx
from tests.hosting.process import ROOT, Program, eventually

__all__ = ["DEPLOY", "free_port", "nginx_configuration", "start_gunicorn", "start_nginx", "start_phone"]

DEPLOY = ROOT / "examples" / "deploy"


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def start_gunicorn(
    folder: pathlib.Path, port: int, *options: str, settings: pathlib.Path = DEPLOY / "gunicorn.conf.py"
) -> Program:
    """Start gunicorn with the shipped settings, or with others, and further options; wait until it answers.

    ``folder``: for its files; the name must be short, since sockets are made in it.
    """
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "gunicorn", "--config", str(settings), "--chdir", str(DEPLOY)]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", str(folder), *options]
    program = Program(folder, command, variables=_variables(folder, {}))
    return _healthy(program, port)


def start_phone(folder: pathlib.Path, port: int, **variables: str) -> Program:
    """Start the application by itself, and wait until it answers."""
    folder.mkdir(exist_ok=True)
    where = {"HOST": "127.0.0.1", "PORT": str(port), **variables}
    program = Program(folder, [sys.executable, str(DEPLOY / "phone.py")], variables=_variables(folder, where))
    return _healthy(program, port)


def _variables(folder: pathlib.Path, more: Mapping[str, str]) -> dict[str, str]:
    return {"TMPDIR": str(folder), "NOTES": str(folder / "notes"), **more}


def _healthy(program: Program, port: int) -> Program:
    """Wait until a health check is answered at a port; return the program, or end it."""

    def is_healthy() -> bool:
        assert not program.ended, "it has ended:\n" + "\n".join(program.lines())
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health", headers={"Connection": "close"})
            return connection.getresponse().status == 200
        return False

    try:
        eventually(is_healthy, lambda: "it does not answer:\n" + "\n".join(program.lines()))
    except BaseException:
        program.end()
        raise
    return program


def nginx_configuration(folder: pathlib.Path, listen: str, behind: Sequence[int]) -> str:
    """The shipped configuration, with another address and certificate, other servers behind, and all files in a folder.

    ``listen``: what follows ``listen``; the certificate is left out unless it has ``ssl`` in it.
    """
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    user = "user root;\n" if os.geteuid() == 0 else ""
    paths = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi"))
    paths += "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("uwsgi", "scgi"))
    (policy,) = re.findall(r"^ +server 127\.0\.0\.1:3000 (.*);$", text, re.MULTILINE)
    servers = "".join(f"        server 127.0.0.1:{port} {policy};\n" for port in behind)
    for pattern, replacement in (
        (r"^worker_processes auto;$", f"{user}daemon off;\nworker_processes 2;"),
        (r"^http \{\n", f"http {{\n{paths}"),
        (r"/run/nginx\.pid", f"{folder}/nginx.pid"),
        (r"/var/log/nginx", str(folder)),
        (r"^ +server 127\.0\.0\.1:3000 .*;\n", servers),
        (r"listen 443 ssl", f"listen {listen}"),
        (r"^ +ssl_.*\n", "" if "ssl" not in listen else None),
        (r"/etc/nginx/phone", f"{folder}/phone" if "ssl" in listen else None),
    ):
        if replacement is not None:
            text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
            assert count, f"nothing in nginx.conf is like {pattern}"
    return text


def start_nginx(folder: pathlib.Path, listen: str, behind: Sequence[int]) -> Program:
    """Start nginx with the shipped configuration; arguments as of :func:`nginx_configuration`."""
    binary = need_nginx()
    folder.mkdir(exist_ok=True)
    file = folder / "nginx.conf"
    file.write_text(nginx_configuration(folder, listen, behind), "utf-8")
    program = Program(folder, [binary, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)])
    eventually((folder / "nginx.pid").exists, lambda: "nginx does not start:\n" + "\n".join(program.lines()))
    return program
