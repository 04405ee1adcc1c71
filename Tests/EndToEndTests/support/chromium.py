import shutil

from selenium import webdriver


def chromium():
    """A headless Chromium that can reach nothing but this host."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in (
        "--headless=new",
        # Root, as in many containers, has no other way.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--window-size=1280,1600",
        # No name but this host's can be looked up: the page has to do without.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    driver.set_page_load_timeout(30)
    return driver
