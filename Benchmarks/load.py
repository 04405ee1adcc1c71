"""Load: wrk on the servers, pgbench on the database."""

import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

import processes
from servers import WORKERS
from statements import session_settings

# POSTERN_POOL_SIZE is left at its default.
DATABASE_CONNECTIONS = WORKERS * 4


class Load:
    def __init__(self, directory, connections):
        self.directory = directory
        self.connections = connections
        # One thread is enough for 100,000 requests a second, and takes nothing from a small machine's servers.
        self.threads = 1 if os.cpu_count() <= 2 else 2

    def wrk(self, server, path, script, lines, arguments, seconds):
        """Keep-alive clients that run `script`, with a file of `lines` and further arguments."""
        with tempfile.NamedTemporaryFile("w", dir=self.directory) as given:
            given.write("\n".join(lines))
            given.flush()
            command = ["wrk", f"--threads={self.threads}", f"--connections={self.connections}"]
            command += [f"--duration={seconds}s", "--timeout=10s"]
            command += [f"--script={pathlib.Path(__file__).with_name(script)}"]
            command += [f"http://127.0.0.1:{server.port}{path}", "--", given.name, *arguments]
            result = json.loads(_output(command).splitlines()[-1])
        return {
            "requests": result["requests"],
            "rate": result["requests"] / (result["microseconds"] / 1e6),
            "p50_ms": result["p50"] / 1000,
            "p99_ms": result["p99"] / 1000,
            "failures": {kind: count for kind, count in result["failures"].items() if count},
        }

    def pgbench(self, database, transaction, seconds):
        """As many connections as Postern has, each of which runs a transaction's script over and over."""
        with tempfile.TemporaryDirectory(dir=self.directory) as directory:
            script = pathlib.Path(directory) / "script.sql"
            script.write_text(transaction)
            command = ["pgbench", "--no-vacuum", "--protocol=prepared", f"--client={DATABASE_CONNECTIONS}", "--jobs=2"]
            command += [f"--time={seconds}", "--define=isFirst=1", f"--file={script}"]
            command += ["--log", f"--log-prefix={directory}/log", "--sampling-rate=0.1", database.url]
            output = _output(command, os.environ | {"PGOPTIONS": session_settings()})
            lines = [line for path in pathlib.Path(directory).glob("log.*") for line in path.read_text().splitlines()]
        latencies = sorted(int(line.split()[2]) for line in lines)
        return {
            "requests": int(re.search(r"transactions actually processed: (\d+)", output)[1]),
            "rate": float(re.search(r"tps = ([\d.]+)", output)[1]),
            "p50_ms": latencies[len(latencies) // 2] / 1000,
            "p99_ms": latencies[len(latencies) * 99 // 100] / 1000,
            # pgbench itself gives up at the first error.
            "failures": {},
        }


class Contestant:
    """A server, or the database alone, under one kind of load."""

    def __init__(self, scenario, name, run, server=None, database=None, prepare=None):
        self.scenario = scenario
        self.name = name
        self.run = run
        self.server = server
        self.database = database
        self.prepare = prepare
        self.results = []

    def __str__(self):
        return f"{self.scenario}, {self.name}"

    def measure(self, seconds):
        """The outcome of one run, with what it cost: CPU in µs a request, memory in MB of the largest worker."""
        if self.server:
            self.server.empty_log()
        prepared = self.prepare() if self.prepare else None
        before = self._cpu()
        result = self.run(prepared, seconds)
        spent = {name: after - before[name] for name, after in self._cpu().items()}
        machine = spent.pop("machine")
        costs = {f"{name}_us": value / max(1, result["requests"]) * 1e6 for name, value in spent.items()}
        # Below zero when more is missing than others took: such an error should be seen.
        result["others_cpu"] = (machine - sum(spent.values())) / seconds / os.cpu_count()
        if self.server:
            result["memory_mb"] = max(processes.memory_megabytes(self.server.workers).values())
        return result | costs

    def _cpu(self):
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (
            {"machine": processes.machine_seconds(), "load": usage.ru_utime + usage.ru_stime}
            | ({"server": processes.cpu_seconds(self.server.pid)} if self.server else {})
            | ({"database": processes.cpu_seconds(self.database.pid)} if self.database else {})
        )


def _output(command, environment=None):
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
