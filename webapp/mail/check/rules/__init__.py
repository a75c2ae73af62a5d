"""One file a rule or a family of them; importing this puts all of them into the table."""

from importlib import import_module

from webapp.mail.check.table import RULES, Rule

FILES = (
    *("header", "sender", "wire", "leaving", "address", "list_fields", "text_part", "size"),
    *("images", "links", "hidden", "subject", "safe_html", "tokens", "attachments", "automatic"),
)


def every() -> list[Rule]:
    """All rules in the order of their ids."""
    for name in FILES:
        import_module(f"webapp.mail.check.rules.{name}")
    return [RULES[number] for number in sorted(RULES)]
