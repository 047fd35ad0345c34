"""A Flask application that is made by a factory."""

from __future__ import annotations

from flask import Flask

from jambonz_sync.flask import Jambonz
from tests.hosting.programs.phone import add_services, log_to_stderr

__all__ = ["create_app", "jambonz"]

jambonz = Jambonz()
add_services(jambonz)


def create_app() -> Flask:
    """Make the application."""
    log_to_stderr()
    app = Flask(__name__)
    jambonz.init_app(app)
    app.add_url_rule("/page", view_func=lambda: "a page")
    return app
