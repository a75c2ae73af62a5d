"""Takes the pictures of the README from the demo: `python scripts/screenshots.py FOLDER [--every-view]`."""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright

from tests.journeys.instance import Instance

PASSWORD = "a believable demo password"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PAGES = {
    "overview": "/",
    "messages": "/messages",
    "outcome": "/messages/5",
    "clicks": "/messages/5/clicks",
    "compose": "/messages/6/edit",
    "affiliates": "/affiliates",
    "affiliate": "/affiliates/1",
    "timeline": "/affiliates/12/timeline",
    "reports": "/reports",
    "import": "/affiliates/import",
    "email-settings": "/account/email-settings",
    "users": "/account/users",
    "suppressions": "/suppressions",
    "mail-folder": "/mail-folder",
    "audit": "/account/audit",
}
TALLEST = 1240
IN_README = ("outcome", "compose", "email-settings", "reports", "timeline")
VIEWS = {
    "wide": (1440, 900, "light"),
    "wide-dark": (1440, 900, "dark"),
    "phone": (390, 844, "light"),
    "phone-dark": (390, 844, "dark"),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument(
        "--every-view", action="store_true", help="each page wide and narrow, light and dark"
    )
    asked = arguments.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        instance = Instance(Path(home))
        token = re.findall(r"/password/(\S+)", instance.run("demo"))[0]
        try:
            instance.serve()
            _take(instance, token, asked.folder, every_view=asked.every_view)
        finally:
            instance.stop()


def _take(instance: Instance, token: str, folder: Path, *, every_view: bool) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        state = None
        for view, (width, height, scheme) in VIEWS.items() if every_view else [("wide", VIEWS["wide"])]:
            context = browser.new_context(
                base_url=instance.address,
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
                storage_state=state,
            )
            page = context.new_page()
            if state is None:
                _sign_in(page, token)
                state = context.storage_state()
            for name in PAGES if every_view else IN_README:
                _picture(page, PAGES[name], folder / (f"{name}-{view}.png" if every_view else f"{name}.png"))
            context.close()
        browser.close()


def _picture(page: Page, address: str, path: Path) -> None:
    """In a window as tall as the page: what sticks to an edge then lies where a reader expects it."""
    size = page.viewport_size
    page.goto(address)
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(tall, TALLEST))})
    page.screenshot(path=path)
    page.set_viewport_size(size)


def _sign_in(page: Page, token: str) -> None:
    page.goto(f"/password/{token}")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/")


if __name__ == "__main__":
    main()
