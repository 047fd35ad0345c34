"""The endpoint as a WSGI application: at the root, and below a prefix."""

from __future__ import annotations

from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from jambonz_sync import create_endpoint
from tests.hosting.programs.phone import add_services, log_to_stderr

__all__ = ["application", "below_a_prefix"]

log_to_stderr()
application = create_endpoint()
add_services(application)
below_a_prefix = DispatcherMiddleware(NotFound(), {"/phone": application})
