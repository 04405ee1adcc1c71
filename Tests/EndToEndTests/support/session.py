import subprocess
import threading

END = "the end of an answer"


class Session:
    """A kept connection to a database: starting psql for each of a thousand questions takes longer than the answers."""

    def __init__(self, database):
        self.url = database.url
        self._lock = threading.Lock()
        self._psql = subprocess.Popen(
            ["psql", self.url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t",
             "--variable=ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )

    def query(self, sql):
        """The rows of one or more statements; each is a list of texts."""
        with self._lock:
            self._psql.stdin.write(f"{sql};\n\\echo {END}\n")
            self._psql.stdin.flush()
            lines = []
            while (line := self._psql.stdout.readline().removesuffix("\n")) != END:
                assert line or self._psql.poll() is None, "\n".join(lines)
                lines.append(line)
        return [line.split("\t") for line in lines]

    def value(self, sql):
        return self.query(sql)[0][0]

    def end(self):
        self._psql.stdin.close()
        self._psql.wait(timeout=10)
        self._psql.stdout.close()
