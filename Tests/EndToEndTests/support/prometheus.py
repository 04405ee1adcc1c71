import subprocess

import requests

from .ports import free_port
from .wait import wait_until


class Prometheus:
    """A real Prometheus that scrapes an admin listener every second; its findings are kept when it ends."""

    def __init__(self, folder, target_port):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        config = folder / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
            f"scrape_configs: [{{job_name: postern, static_configs: [{{targets: ['127.0.0.1:{target_port}']}}]}}]\n"
        )
        self._command = [
            "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
        ]
        self._log = folder / "prometheus.log"

    def __enter__(self):
        with self._log.open("w") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        wait_until(lambda: self._is_ready() and self.scrapes() > 0, timeout=60, what="Prometheus scraping")
        return self

    def _is_ready(self):
        assert self._process.poll() is None, self._log.read_text()
        try:
            return requests.get(f"{self.url}/-/ready", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def __exit__(self, *_):
        try:
            self.counters = self.query('{job="postern",__name__=~".+_(total|count|sum|bucket)"}[10m]')
            self.failed_scrapes = self._number('count_over_time((up{job="postern"} == 0)[10m:1s])')
            self.requests = self._number("sum(increase(http_server_request_duration_seconds_count[10m]))")
        finally:
            self._process.kill()
            self._process.wait()

    def scrapes(self):
        """How many it has made."""
        return self._number('count_over_time(up{job="postern"}[10m])')

    def query(self, text):
        answer = requests.get(f"{self.url}/api/v1/query", params={"query": text}, timeout=10).json()
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def _number(self, text):
        result = self.query(text)
        return float(result[0]["value"][1]) if result else 0
