"""gunicorn's settings for phone.py: ``gunicorn`` in this folder finds them. Options on its command line come first."""

# Without these hooks calls are cut off at the end of graceful_timeout; with them they are handed to the next worker.
from jambonz_sync.gunicorn import post_worker_init, worker_int

__all__ = ["post_worker_init", "worker_int"]

wsgi_app = "phone:application"

# nginx is on the same machine, and does what is to be done about TLS.
bind = "127.0.0.1:3000"
# The kernel keeps so many connections while every worker is busy; more are dropped, and come back after a second.
backlog = 1024

# One for each core: Python runs on one core at a time. More than one also means that a call finds another worker when
# its own is killed.
workers = 2

# A thread for each call. The default, sync, cannot hold calls. See also: worker_class = "gevent", which ignores threads
# and holds worker_connections.
worker_class = "gthread"
# Above max_calls in phone.py: a connection for which there is no thread waits without an answer, and jambonz gives up
# after 1.5 s. Some are needed for calls that are declined, for those that come back, and for health checks.
threads = 200
# Connections of all sorts, above threads.
worker_connections = 1000

# Seconds for which a worker that is to stop lets its calls go on; those left are closed 5 s before, and jambonz brings
# them to the new workers. Whoever stops the whole service must wait longer: TimeoutStopSec in jambonz-app.service.
graceful_timeout = 60
# Not the length of a call: a worker whose main thread does not stir for so long is killed.
timeout = 30
# The heartbeat is a file, which must not wait for a disk.
worker_tmp_dir = "/dev/shm"

# It would be made in the home directory, which a service has none of.
control_socket_disable = True
# Each call, when it is over; phone.py logs calls already.
accesslog = None
