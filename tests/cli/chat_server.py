"""A stand-in for a server of language models: OpenAI's API for chats, as far as a streamed answer needs it."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator

__all__ = ["chat_server"]


class _Chat(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert question["stream"] is True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for word in f"You said {question['messages'][-1]['content']}.".split(" "):
            piece = {"choices": [{"index": 0, "delta": {"content": word + " "}}]}
            self.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
        self.wfile.write(b'data: {"choices": []}\n\ndata: [DONE]\n\n')

    def log_message(self, *args: object) -> None:
        """Write nothing on stderr."""


@contextlib.contextmanager
def chat_server() -> Iterator[str]:
    """Run one; gives the address to post to."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Chat) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/chat/completions"
        finally:
            server.shutdown()
            thread.join()
