"""The invented network of `offerpost demo`: staff, groups and affiliates. The same every time; all addresses end in .example."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.db import utcnow

NETWORK = {
    "network_name": "Northlight Partners",
    "postal_address": "Hamngatan 4, 411 06 Göteborg, Sweden",
    "from_name": "Northlight Partners",
    "from_address": "partners@mail.northlight.example",
    "reply_to": "support@northlight.example",
    "timezone": "Europe/Stockholm",
}
STAFF = (
    ("mara@northlight.example", "Mara", "Lindqvist", "administrator"),
    ("tom@northlight.example", "Tom", "Okafor", "affiliate_manager"),
    ("ines@northlight.example", "Inês", "Duarte", "affiliate_manager"),
    ("piotr@northlight.example", "Piotr", "Zieliński", "report_runner"),
)
MANAGERS = ("tom@northlight.example", "ines@northlight.example")
GROUPS = ("Solar", "Finance", "Coupons", "Travel", "Internal test")
COUNTRIES = ("US", "GB", "CA", "SE", "DE", "PT", "HU", "ES", "BR", "")
COUNT = 1307

_FIRST = (
    "Daniela Gergő Jaime Rui Amelia Oliver Zoë Björn Chiara Łukasz Noor Ada Mateo Ingrid Yusuf Freya "
    "Anaïs Tomás Priya Kenji Sofía Elias Marta Viktor Leila Owen Hanna Diego Nadia Stefan"
).split()
_LAST = (
    "Reyes Kovács Ortega Salgado Tremblay Achterberg Håkansson Rossi Nowak Okonkwo Lindgren Fernández "
    "Yılmaz O’Neill Müller Dubois Santos Iyer Tanaka Novák Berg Castellano Horváth Whitcombe Ferreira"
).split()
_BRANDS = (
    "Brightpath Ridgeline Norte Lumen Adtrail Bluewave Wanderlust Tisza Harbor Clearwater Copperleaf "
    "Sunfield Polar Quill Meadow Orchard Signal Atlas Tidewater Maple Granite Juniper Verve Beacon "
    "Foxglove"
).split()
_KINDS = [
    "Media",
    "Leads",
    "Studio",
    "Digital",
    "Traffic",
    "Deals",
    "Partners",
    "Reach",
    "Growth",
    "Collective",
    "Interactive",
    "Publishing",
]


@dataclass(frozen=True)
class Person:
    """One affiliate, ready to be stored."""

    affiliate_id: str
    email: str
    first_name: str
    last_name: str
    company: str
    group: str
    manager: str | None
    status: str
    country: str
    joined: datetime


def affiliates(count: int = COUNT) -> list[Person]:
    """Believable affiliates: a few without a first name, without a manager, paused or closed, as in real lists."""
    dice = random.Random(2026)  # noqa: S311 - invented people, no secret
    return [_affiliate(dice, number) for number in range(count)]


def _affiliate(dice: random.Random, number: int) -> Person:
    first, last = dice.choice(_FIRST), dice.choice(_LAST)
    brand, kind = dice.choice(_BRANDS), dice.choice(_KINDS)
    company = f"{brand} {kind}" if number < 300 else f"{brand} {last} {kind}"
    domain = f"{brand}-{kind}-{number}.example".lower()
    return Person(
        affiliate_id=str(10_000 + number),
        email=f"{dice.choice(('team', 'offers', 'hello', 'post'))}@{domain}",
        first_name="" if dice.random() < 0.01 else first,
        last_name=last,
        company=company if dice.random() < 0.93 else "",
        group=dice.choice(GROUPS[:4]) if number > 4 else GROUPS[4],
        manager=None if dice.random() < 0.05 else dice.choice(MANAGERS),
        status=dice.choices(("active", "paused", "pending", "closed"), (94, 3, 2, 1))[0],
        country=dice.choice(COUNTRIES),
        joined=utcnow() - timedelta(days=20 + (COUNT - number) * 0.7 + dice.random()),
    )
