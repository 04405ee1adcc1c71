"""The units of deploy/systemd: systemd itself must understand every line, and find the service well confined."""

import pathlib
import re
import subprocess

import pytest

from support.backend import executable
from support.postern import EXECUTABLE

UNITS = pathlib.Path(__file__).resolve().parents[2] / "deploy/systemd"


def analyze(*arguments):
    return subprocess.run(
        [executable("systemd-analyze"), *map(str, arguments)], capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def units(tmp_path):
    """Copies of the units that name the executable that was built; verification looks for it."""
    service = (UNITS / "postern.service").read_text()
    assert service.count("/usr/local/bin/postern ") == 1
    # A unit may not have the path of another that is installed.
    copies = [tmp_path / "postern.service", tmp_path / "postern.socket"]
    copies[0].write_text(service.replace("/usr/local/bin/postern ", f"{pathlib.Path(EXECUTABLE).resolve()} "))
    copies[1].write_text((UNITS / "postern.socket").read_text())
    return copies


def test_units_areUnderstoodByTheServiceManager(units):
    result = analyze("verify", "--man=no", *units)

    # It complains on standard error, and a line that it does not know is no failure to it.
    complaints = [line for line in result.stderr.splitlines() if "postern" in line]
    assert result.returncode == 0 and complaints == [], result.stderr


def test_verification_ofAnUnknownLine_complains(units):
    units[0].write_text(units[0].read_text().replace("WatchdogSec=15", "WatchdogSec=15\nWatchdogSeconds=15"))

    assert "WatchdogSeconds" in analyze("verify", "--man=no", *units).stderr


def test_service_isConfined():
    # In tenths: an exposure of 2.0 of 10.
    result = analyze("security", "--offline=true", "--threshold=20", UNITS / "postern.service")

    assert result.returncode == 0, result.stdout[-500:]


def test_service_isStoppedAndReloadedWithTheSignalsThatItKnows():
    service = (UNITS / "postern.service").read_text()

    assert re.search(r"^Type=notify$", service, re.MULTILINE)
    assert re.search(r"^ExecReload=/bin/kill -HUP \$MAINPID$", service, re.MULTILINE)
    assert re.search(r"^KillMode=mixed$", service, re.MULTILINE)
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", service, re.MULTILINE)[1]) > 30
    assert "KillSignal" not in service
    newer = (UNITS / "postern.service.d/notify-reload.conf").read_text()
    assert re.search(r"^Type=notify-reload$", newer, re.MULTILINE)
