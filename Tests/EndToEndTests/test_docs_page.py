"""The documentation page: a real browser reads it, calls the API from it, and finds nothing to complain about."""

import json
import shutil
import subprocess

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as condition
from selenium.webdriver.support.ui import WebDriverWait

import support.postern
from support.chromium import chromium
from support.postern import ROOT

FILES = {
    "/docs": "text/html; charset=utf-8",
    "/docs/page.css": "text/css; charset=utf-8",
    "/docs/page.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui.css": "text/css; charset=utf-8",
    "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "/docs/favicon-32x32.png": "image/png",
}


@pytest.fixture(scope="module")
def browser():
    driver = chromium()
    yield driver
    driver.quit()


class Page:
    """The documentation page as somebody uses it."""

    def __init__(self, browser, postern):
        self.browser = browser
        self.wait = WebDriverWait(browser, 20)
        browser.get(f"{postern.url}/docs")
        self.find(".swagger-ui .opblock")

    def find(self, selector):
        return self.wait.until(condition.visibility_of_element_located((By.CSS_SELECTOR, selector)))

    def click(self, selector):
        self.find(selector)
        self.wait.until(condition.element_to_be_clickable((By.CSS_SELECTOR, selector))).click()

    def authorize(self, scheme, credential):
        self.click(".auth-wrapper .authorize")
        names = [title.text.split()[0] for title in self.browser.find_elements(By.CSS_SELECTOR, ".auth-container h4")]
        form = self.browser.find_elements(By.CSS_SELECTOR, ".auth-container")[names.index(scheme)]
        form.find_element(By.CSS_SELECTOR, "input").send_keys(credential)
        form.find_element(By.CSS_SELECTOR, "button.authorize").click()
        self.click("button.btn-done")

    def call(self, operation):
        """Tries the operation out; the status and the body that the page shows."""
        block = f"#operations-{operation}"
        self.click(f"{block} .opblock-summary-control")
        self.click(f"{block} .try-out__btn")
        self.click(f"{block} .execute")
        status = self.find(f"{block} .live-responses-table .response .response-col_status").text
        return int(status.split()[0]), self.find(f"{block} .live-responses-table .response .response-col_description").text

    def complaints(self):
        """What the browser says about the page: a refusal by the policy, an error, a file that is not there."""
        return [entry for entry in self.browser.get_log("browser") if entry["level"] != "DEBUG"]


def test_docs_inABrowser_showsEveryOperationAndBreaksNoRule(browser, postern):
    page = Page(browser, postern)

    paths = postern.get("/openapi.json").json()["paths"]
    shown = {block.get_attribute("id") for block in browser.find_elements(By.CSS_SELECTOR, ".opblock")}
    assert page.find(".info .title").text.startswith("Postern")
    assert len(shown) == sum(len(operations) for operations in paths.values())
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert loaded and all(address.startswith(postern.url) for address in loaded), loaded
    assert page.complaints() == []


@pytest.mark.parametrize("scheme", ["accessToken", "apiKey"])
def test_docs_withAPastedCredential_callsTheAPI(browser, installation, scheme):
    credentials = {"accessToken": installation.administrator_token, "apiKey": lambda: installation.administrator["api_key"]}
    page = Page(browser, installation.server)
    assert page.call("Users-getMe")[0] == 401

    page = Page(browser, installation.server)
    page.authorize(scheme, credentials[scheme]())
    status, body = page.call("Users-getMe")

    assert status == 200
    assert '"email": "admin@example.com"' in body
    # The browser writes down the answer 401 of above as well.
    assert [entry for entry in page.complaints() if "401" not in entry["message"]] == []

    Page(browser, installation.server)
    stored = browser.execute_script("return JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert json.loads(stored) == [{}, {}, ""], "a credential lives as long as the page"


def test_docs_allowsNothingThatIsNotItsOwn(postern):
    headers = postern.get("/docs").headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", FILES)
def test_docs_file_isServedOnceToABrowserThatKeepsIt(postern, path):
    first = postern.get(path)
    assert first.status_code == 200 and first.content
    assert first.headers["Content-Type"] == FILES[path]
    assert first.headers["Cache-Control"] == "public, no-cache"

    for tag in (first.headers["ETag"], f'"other", W/{first.headers["ETag"]}', "*"):
        again = postern.get(path, headers={"If-None-Match": tag})
        assert again.status_code == 304 and again.content == b""
        assert again.headers["ETag"] == first.headers["ETag"]
    assert postern.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "swagger-ui-bundle.js.map",
        "version",
        "LICENSE",
        ".",
        ".env",
        "..%2fswagger-ui%2fversion",
        "%2e%2e/%2e%2e/admin-key",
        "..%5cversion",
        "swagger-ui.css%00",
        "swagger-ui.css/",
        "SWAGGER-UI.CSS",
    ],
)
def test_docs_otherFile_is404(postern, path):
    prepared = requests.Request("GET", postern.url).prepare()
    prepared.url = f"{postern.url}/docs/{path}"

    answer = requests.Session().send(prepared, timeout=10, allow_redirects=False)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("has_page", [True, False])
def test_docs_ofAnInstallation_isThereWhenItsFilesAre(start_postern, tmp_path, monkeypatch, has_page):
    subprocess.run([ROOT / "scripts/stage", tmp_path], check=True)
    if not has_page:
        shutil.rmtree(tmp_path / "usr/local/share/postern/swagger-ui")
    monkeypatch.setattr(support.postern, "EXECUTABLE", str(tmp_path / "usr/local/bin/postern"))

    server = start_postern()

    assert server.get("/openapi.json").status_code == 200
    for path in FILES:
        answer = server.get(path)
        assert answer.status_code == (200 if has_page else 404)
        if not has_page:
            assert answer.json()["code"] == "not_found" and "/openapi.json" in answer.json()["detail"]
