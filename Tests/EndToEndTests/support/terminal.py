import os
import pty
import select
import subprocess
import time


def run_on_terminal(arguments, env, answer=None, timeout=30, prompt=b"[y/N] "):
    """Runs a command on a terminal of its own, types `answer` at its `prompt`, and returns exit status and what is shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        arguments, env=env, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    deadline = time.monotonic() + timeout
    try:
        while True:
            readable, _, _ = select.select([ours], [], [], max(deadline - time.monotonic(), 0))
            assert readable, f"the command says no more: {shown!r}"
            try:
                received = os.read(ours, 65536)
            except OSError:
                # Linux says so when the other side has closed the terminal.
                received = b""
            if not received:
                return process.wait(timeout=timeout), shown
            shown += received
            if answer is not None and prompt in shown:
                os.write(ours, answer)
                answer = None
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()
