"""Two networks of their own with a line between them that can be taken away: what is sent then arrives nowhere.

Nobody is told: no end, no reset. It takes root, and nothing of the machine's own network is touched.
"""

import os
import subprocess

from .wait import wait_until

SERVER, CLIENT = "10.0.0.1", "10.0.0.2"


class TwoNetworks:
    def __enter__(self):
        # A network lasts as long as a process that is in it.
        self._holders = [subprocess.Popen(["unshare", "--net", "sleep", "infinity"]) for _ in range(2)]
        server, client = (holder.pid for holder in self._holders)
        own = _network("self")
        wait_until(lambda: own not in (_network(server), _network(client)), what="both networks")
        self.server, self.client = [["nsenter", f"--net=/proc/{pid}/ns/net"] for pid in (server, client)]
        _run(self.server, f"link add line type veth peer name line netns {client}")
        for side, address in (self.server, SERVER), (self.client, CLIENT):
            _run(side, f"address add {address}/24 dev line")
            _run(side, "link set line up")
            _run(side, "link set lo up")
        return self

    def __exit__(self, *_):
        for holder in self._holders:
            holder.kill()
            holder.wait()

    def cut(self):
        """From now on nothing passes, in either direction."""
        _run(self.client, "link set line down")

    def mend(self):
        _run(self.client, "link set line up")


def _network(pid):
    return os.readlink(f"/proc/{pid}/ns/net")


def _run(side, command):
    subprocess.run([*side, "ip", *command.split()], check=True, timeout=20)
