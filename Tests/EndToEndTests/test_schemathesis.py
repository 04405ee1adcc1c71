"""The whole API against its own description: what schemathesis sends is taken, refused and answered as described.

No check of schemathesis is left out. Instead of its `positive_data_acceptance` stands one of ours that knows what no
schema can say; what it lets pass, and why, is in support/schemathesis_hooks.py, and the settings with their reasons are in
schemathesis.toml.
"""

import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def test_api_attackedByItsOwnDescription_answersAsDescribed(start_postern, tmp_path):
    server = start_postern(POSTERN_LOG_LEVEL="info")
    # Its administrator is the only one, whom nothing that the run tries can remove.
    key = server.bootstrap()["api_key"]
    (own,) = server.get("/api/v1/api-keys", key=key).json()["items"]
    report_path = tmp_path / "report.json"

    done = subprocess.run(
        [
            pathlib.Path(sys.executable).parent / "schemathesis",
            *("--config-file", HERE / "schemathesis.toml"),
            *("run", f"{server.url}/openapi.json", "--no-color"),
            *("--header", f"X-API-Key: {key}"),
            *("--max-examples", "6"),
            *("--report", "json", "--report-json-path", report_path),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "support.schemathesis_hooks", "OWN_KEY": own["id"]},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    report = json.loads(report_path.read_text())
    assert report["complete"] and report["operations"]["tested"] == report["operations"]["total"]
    assert [line for line in server.log_lines() if line.get("level") in ("error", "critical")] == []
    # The run was not hollow: the key worked to the end, and nearly every operation was seen to succeed. Made-up requests
    # have no provider's answer and no sign-in link, and which ids they find differs from run to run.
    assert server.get("/api/v1/users/me", key=key).status_code == 200
    accepted = [any(phase["accepted"] for phase in phases.values()) for phases in report["valid_rates"].values()]
    assert sum(accepted) > 0.8 * len(accepted)
