"""What composing one mail costs: our compiled message against the standard library's way, on the same draft.

python benchmarks/compose.py [rounds]
"""

import sys
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from webapp.mail.compose import CompiledMessage, Draft, compile_message

COUNT = 2000
WHEN = datetime(2026, 11, 23, 21, 51, 7, tzinfo=UTC)
TOKENS = (
    "Affiliate.FirstName|there",
    "Affiliate.LastName",
    "Affiliate.ID",
    "Affiliate.CompanyName",
    "Affiliate.Email",
    "Affiliate.GroupName",
    "AffiliateManager.FirstName",
    "AffiliateManager.LastName",
    "AffiliateManager.Email",
    "AffiliateManager.Phone",
)
FILLER = "Our partners ask for traffic that converts, and the new landing page does better on small screens. "


def body(size: int) -> str:
    """About `size` bytes of HTML with ten tokens and twelve links, three of them with a token."""
    rows = [f"<p>{FILLER} [={token}=] {FILLER}</p>" for token in TOKENS]
    rows += [
        f'<p><a href="https://network.example/offers/{n}?from=mail&amp;place={n}">Offer {n}</a></p>'
        for n in range(8)
    ]
    rows += [
        f'<p><a href="https://network.example/p/{n}?a=[=Affiliate.ID=]">Your page {n}</a></p>'
        for n in range(3)
    ]
    html = "\n".join(rows)
    while len(html) < size:
        html += f'\n<p style="margin:0 0 16px">{FILLER}</p>'
    return f"<html><body>{html}</body></html>"


DRAFT = Draft(
    subject="[=Affiliate.FirstName|Hello=], three new offers for you",
    html=body(9_400),
    from_name="Northwind Partners",
    from_address="news@mail.network.example",
    reply_to="partners@network.example",
    sender=None,
    kind="announcement",
    list_id=None,
    network_name="Northwind Partners",
    postal_address="12 Harbor Street\nSalt Lake City, UT 84101",
    public_url="https://desk.network.example",
    domain_for_message_ids="mail.network.example",
)


def person(number: int) -> dict[str, str]:
    """The values of one recipient; managers and groups repeat, as they do in life."""
    return {
        "affiliate.id": str(100_000 + number),
        "affiliate.firstname": ("Dana", "Zoë", "Li", "O'Neil", "Maximilian")[number % 5],
        "affiliate.lastname": f"Whitfield{number}",
        "affiliate.companyname": ("Bright Leads LLC", "Traffic & Co.", "Média Nord")[number % 3]
        + f" {number}",
        "affiliate.email": f"person{number}@company{number % 97}.example",
        "affiliate.groupname": f"Group {number % 7}",
        "affiliatemanager.firstname": f"Marco{number % 9}",
        "affiliatemanager.lastname": "Reyes",
        "affiliatemanager.email": f"marco{number % 9}@network.example",
        "affiliatemanager.phone": f"+1 801 555 010{number % 9}",
    }


PEOPLE = [person(number) for number in range(COUNT)]


def ours(message: CompiledMessage) -> int:
    """Fill every message; the sum of their sizes."""
    total = 0
    for number, values in enumerate(PEOPLE):
        url = f"https://desk.network.example/u/{number:06}Qk2Vn8sT1xYz0aBcDe"
        filled = message.fill(
            values["affiliate.email"], values, message_id=f"{number}.ab12cd", unsubscribe_url=url, date=WHEN
        )
        total += len(filled)
    return total


def theirs(count: int) -> int:
    """The same with `EmailMessage`, of parts that are rendered already."""
    preview = compile_message(DRAFT).preview(PEOPLE[0])
    total = 0
    for number in range(count):
        mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
        mail["From"] = "Northwind Partners <news@mail.network.example>"
        mail["To"] = f"Dana Whitfield <{PEOPLE[number]['affiliate.email']}>"
        mail["Reply-To"] = "partners@network.example"
        mail["Subject"] = preview.subject
        mail["Date"] = WHEN
        mail["Message-ID"] = f"<{number}.ab12cd@mail.network.example>"
        mail["List-Unsubscribe"] = f"<https://desk.network.example/u/{number:06}Qk2Vn8sT1xYz0aBcDe>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(preview.text)
        mail.add_alternative(preview.html, subtype="html")
        total += len(mail.as_bytes())
    return total


def main() -> None:
    """Interleave the two, print medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    few = 100
    fast, slow, size = [], [], 0
    message = compile_message(DRAFT)
    ours(message)
    for _ in range(rounds):
        started = time.process_time()
        size = ours(message) // COUNT
        fast.append((time.process_time() - started) / COUNT * 1e6)
        started = time.process_time()
        theirs(few)
        slow.append((time.process_time() - started) / few * 1e6)
    started = time.process_time()
    compile_message(DRAFT)
    once = (time.process_time() - started) * 1e3
    print(
        f"HTML {len(DRAFT.html)} bytes, whole message {size} bytes, {COUNT} recipients, {rounds} rounds, CPU time"
    )
    print(f"compile once            {once:8.1f} ms")
    print(f"fill                    {median(fast):8.1f} µs a message (best round {min(fast):.1f})")
    print(f"EmailMessage, as_bytes  {median(slow):8.1f} µs a message")
    print(f"ratio                   {median(slow) / median(fast):8.1f}")


if __name__ == "__main__":
    main()
