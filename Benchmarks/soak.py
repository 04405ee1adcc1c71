"""What memory the workers take while they do several kinds of work at once, for long."""

import time
from concurrent.futures import ThreadPoolExecutor

import processes
import scenarios
from load import Load
from subject import Subject

NAME = "soak"
SCENARIOS = ("jwt", "users-page", "create-user", "refresh")
# So many looks at the memory, but not more often than once a second.
SAMPLES = 120


def measure(directory, options, say):
    """What came of each scenario, the memory of each worker over time, and the end of the log."""
    # The tokens must last to the end.
    with Subject(directory, options, say, "_soak", POSTERN_ACCESS_TOKEN_TTL="24h") as subject:
        postern = subject.postern
        load = Load(directory, options.connections // len(SCENARIOS))
        chosen = [scenario for scenario in scenarios.make(subject, load) if scenario.name in SCENARIOS]
        say(f"Soaking for {options.soak_seconds} s: {', '.join(SCENARIOS)}")
        with ThreadPoolExecutor(len(chosen)) as pool:
            lines = [scenario.lines() for scenario in chosen]
            running = [
                pool.submit(scenario.run, load, postern, given, options.soak_seconds)
                for scenario, given in zip(chosen, lines)
            ]
            samples = list(_samples(postern, options.soak_seconds, lambda: all(each.done() for each in running)))
        outcomes = {scenario.name: each.result() for scenario, each in zip(chosen, running)}
        return outcomes, samples, postern.log_end


def _samples(postern, seconds, ended):
    """The memory and the CPU time of each worker, with the time since the beginning."""
    interval = max(1, seconds / SAMPLES)
    begin = next_time = time.monotonic()
    while not ended():
        memory = processes.memory_megabytes(postern.workers)
        used = {pid: processes.cpu_seconds(pid) for pid in memory}
        yield {"seconds": time.monotonic() - begin, "megabytes": memory, "cpu_seconds": used}
        # It grows by some megabytes a second.
        postern.empty_log()
        next_time += interval
        time.sleep(max(0, next_time - time.monotonic()))
