"""A Flask application with a blueprint of which the calls are a part."""

from __future__ import annotations

from flask import Blueprint, Flask

from jambonz_sync.flask import Jambonz
from tests.hosting.programs.phone import add_services, log_to_stderr

__all__ = ["app"]

log_to_stderr()
phone = Blueprint("phone", __name__, url_prefix="/phone")
add_services(Jambonz(phone))
app = Flask(__name__)
app.register_blueprint(phone)
app.add_url_rule("/phone/page", view_func=lambda: "a page")
