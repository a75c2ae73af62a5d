"""What people try with a template: it stays text or is refused, soon, and finds out nothing."""

import time
import tracemalloc

import pytest

from tests.mail.compose.drafts import bodies, draft, page, sent
from webapp.mail.compose import TokenProblems, compile_message, lint

SECRET = "canary-5b1f"
EXPRESSIONS = [
    "{{7*7}}", "{{config}}", "{{''.__class__.__mro__}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", '{{env "PATH"}}',
    "{% for x in y %}x{% endfor %}", "{{ {{ }} }}", "{{[=Affiliate.ID=]}}", "%(secret)s", "%b", "{0.__class__}",
]  # fmt: skip
NAMES = [
    "[=config=]", "[=self.__class__=]", "[=Affiliate.__dict__=]", "[=Affiliate.ID()=]", "[=7*7=]", "[=env.OFFERPOST_CANARY=]",
    "[=if __import__('os')=]x[=end=]", "[=each config=]x[=end=]", "[=if Affiliate.__class__=]x[=end=]",
    "[=[=Affiliate.ID=]=]", "[=if [=Affiliate.ID=] =]x[=end=]", "[=Affiliate[0]=]", "[=Affiliate.ID|upper=][=lower(CID)=]",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_other_languages_are_text(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFERPOST_CANARY", SECRET)
    values = {"affiliate.id": "1042", "affiliate.firstname": expression}
    text, html = bodies(
        sent({"html": page(f"<pre>{expression}</pre>"), "subject": expression, "kind": "operational"}, values)
    )
    assert f"<pre>{expression.replace('[=Affiliate.ID=]', '1042')}</pre>" in html
    assert "49" not in text + html
    assert SECRET not in text + html


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_not_in_the_catalogue_are_refused(name: str) -> None:
    with pytest.raises(TokenProblems):
        compile_message(draft(html=page(name)))


LARGE = 200_000
REPEATED = [
    "{{", "[=", "=]", "[=if ", "[=if CID=]", "[=end=]", "[=else=]", "[=each Offers=]", "%5B=", "%5B=x=%5D", "&#91;=", "[<", "=<",
    "[ =", "[=|", "<", "<!--", "<!--[if x]>", '"', "&", "&#", "&#9", "=\u200b]",
]  # fmt: skip


@pytest.mark.parametrize("unit", REPEATED)
def test_a_long_text_of_anything_is_read_in_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.process_time()
        lint(draft(html=text, subject=text))
        return time.process_time() - started

    small, large = min(seconds(LARGE // 8) for _ in range(2)), seconds(LARGE)
    assert large < max(24 * small, 0.2), f"{small:.3f} s for an eighth, {large:.3f} s for the whole"


def test_a_megabyte_of_braces_is_refused_at_once_and_takes_no_memory() -> None:
    text = "{{" * 524_288
    tracemalloc.start()
    started = time.process_time()
    try:
        problems = lint(draft(html=text))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "longer than 512 KB" in problems[0].reason
    assert time.process_time() - started < 0.5
    assert peak < 10_000_000


def test_one_thousand_uses_are_compiled_and_one_more_is_refused() -> None:
    compile_message(
        draft(html=page("[=Affiliate.ID|0=] " * 500 + "[=if CID=]a[=end=]" * 250)), context="offer"
    )
    refused = [problem.sentence for problem in lint(draft(html=page("[=Affiliate.ID=]" * 1001)))]
    assert any("uses 1001 tokens" in sentence for sentence in refused)
