"""What filling one mail costs by what is written: as a whole document, in the network's layout, about an offer."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median

from benchmarks import message
from benchmarks.measures import Occasion
from benchmarks.table import Table, number
from webapp.mail.compose import CompiledMessage, Draft, compile_message
from webapp.mail.tokens import MESSAGE, OFFER
from webapp.mail.tokens.catalogue import example_values
from webapp.mail_templates.catalogue import SYSTEM
from webapp.mail_templates.layout import Layout, frame

COUNT = 2_000
BODY = message.DRAFT.html.removeprefix("<html><body>").removesuffix("</body></html>")
IN_LAYOUT = replace(message.DRAFT, html=BODY, frame=frame(Layout(), "Northwind Partners"))
TERMS = "<p>[=OfferName=] pays [=OfferPayout=] until [=OfferEndDate|further notice=]: [=TrackingURL=]</p>[=OfferDescription=]"
LISTED = "[=if Affiliate.CompanyName=]<p>For [=Affiliate.CompanyName=]</p>[=else=]<p>For you</p>[=end=]"


@dataclass(frozen=True)
class Way:
    name: str
    draft: Draft
    context: str = MESSAGE


def _shipped(slug: str) -> Draft:
    text = SYSTEM[slug].default
    return replace(IN_LAYOUT, subject=text.subject, html=text.html, preheader=text.preheader)


WAYS = (
    Way("10 KB, a whole document", message.DRAFT),
    Way("the same in the network’s layout", IN_LAYOUT),
    Way("in the layout, with a condition", replace(IN_LAYOUT, html=BODY + LISTED)),
    Way("in the layout, about an offer", replace(IN_LAYOUT, html=BODY + TERMS), OFFER),
    Way("shipped: Send Message", _shipped("send_message")),
    Way("shipped: Offer Announcement", _shipped("offer_announcement"), "offer_announcement"),
)


def measure(occasion: Occasion) -> Table:
    """CPU time. Compiling is paid once for a broadcast, filling for each recipient."""
    costs: dict[str, list[float]] = {way.name: [] for way in WAYS}
    compiling: dict[str, list[float]] = {way.name: [] for way in WAYS}
    sizes: dict[str, int] = {}
    for _ in range(max(occasion.rounds, 3)):
        for way in WAYS:
            started = time.process_time()
            compiled = compile_message(way.draft, context=way.context)
            compiling[way.name].append((time.process_time() - started) * 1e3)
            started = time.process_time()
            sizes[way.name] = _fill(compiled, way.context) // COUNT
            costs[way.name].append((time.process_time() - started) / COUNT * 1e6)
    first = median(costs[WAYS[0].name])
    table = Table(
        "Filling one mail, by what is written",
        ["text", "µs a mail", "× the document", "bytes", "ms to compile"],
    )
    for way in WAYS:
        cost = median(costs[way.name])
        once = median(compiling[way.name])
        table.add(way.name, number(cost), number(cost / first), f"{sizes[way.name]:,}", number(once))
    return table


def _fill(compiled: CompiledMessage, context: str) -> int:
    when, size, offer = datetime.now(UTC), 0, example_values(context)
    for n in range(COUNT):
        values = {**offer, **message.person(n)}
        own = {"message_id": f"{n}.ab12cd", "unsubscribe_url": message.unsubscribe_url(n), "date": when}
        size += len(compiled.fill(message.address(n), values, **own))  # type: ignore[arg-type]
    return size
