import http.server
import json
import os
import shutil
import threading


def executable(name):
    # Debian keeps both in /usr/sbin, which is not in every user's PATH.
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    assert path, f"{name} is not installed"
    return path


class Backend:
    """Answers with the headers it got. The first attempt at a path named in `dropped` gets its connection closed, as from
    a worker that dies."""

    def __init__(self):
        self.attempts = []
        self.dropped = set()
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                backend.attempts.append((self.command, self.path, self.client_address))
                if self.path in backend.dropped:
                    backend.dropped.remove(self.path)
                    self.close_connection = True
                    return
                body = json.dumps({name.lower(): self.headers.get_all(name) for name in self.headers}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def attempts_at(self, path):
        return [attempt for attempt in self.attempts if attempt[1] == path]

    def end(self):
        self.server.shutdown()
        self.server.server_close()
