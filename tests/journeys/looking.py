"""Looks at a page as a careful person would: axe, sideways scrolling, refused content, messages in the console."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# axe can't judge the colours of what lies in a frame without scripts, and the mail in it is its author's.
RULES = "{exclude: [['iframe']]}, {resultTypes: ['violations'], iframes: false}"


class Onlooker:
    """A person's browser window; `trouble` collects what the console says and which requests left this host."""

    def __init__(
        self, browser: Browser, address: str, *, size: dict[str, int] | None = None, scheme: str = "light"
    ) -> None:
        self.address = address
        self.trouble: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=address,
            viewport=size or WIDE,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)
        self.page.on("dialog", lambda dialog: self.trouble.append(f"a dialog opened: {dialog.message}"))

    def _heard(self, message: ConsoleMessage) -> None:
        expected = "the server responded with a status of 4"  # a refused form is no fault of the page
        if message.type in ("error", "warning") and expected not in message.text:
            self.trouble.append(f"{message.type}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "about:")):
            self.trouble.append(f"asked another host: {request.url}")

    def look(self) -> None:
        """Judge the page that is open now."""
        found = self.page.evaluate(
            f"(async () => {{ {AXE.read_text('utf-8')}; return (await axe.run({RULES})).violations }})()"
        )
        wrong = [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})" for one in found]
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            wrong.append(f"scrolls sideways by {wide} px")
        assert wrong + self.trouble == [], f"{self.page.url}: {wrong + self.trouble}"

    def close(self) -> None:
        self.context.close()
