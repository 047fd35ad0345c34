"""nginx in front of a server, without the rights of root, and with all of its files in a folder of the test."""

from __future__ import annotations

import os
import pathlib
import shutil

import pytest

from tests.hosting.process import Program

__all__ = ["need_nginx", "start_nginx"]

_CONFIGURATION = """\
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log notice;
events {{
    worker_connections 4096;
}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 60s;
        }}
    }}
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        "" close;
    }}
}}
"""


def need_nginx() -> str:
    """Return the path of nginx; skip the test if there is none, or fail it where ``CI`` is set."""
    # Debian has it in a folder that is on the path of root only.
    path = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if path is not None:
        return path
    text = "`nginx` is not on the path; these tests need Debian's package nginx-light, or any other of it."
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def start_nginx(folder: pathlib.Path, port: int, behind: int) -> Program:
    """Start nginx at a port, in front of what listens at another."""
    file = folder / "nginx.conf"
    # Started by root, it would give its rights away, and not be able to write into the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    file.write_text(_CONFIGURATION.format(user=user, folder=folder, port=port, behind=behind), "utf-8")
    # The error log until it has read where that is.
    command = [need_nginx(), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)]
    return Program(folder, command)
