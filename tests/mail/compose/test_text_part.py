"""The text part that is made from the HTML."""

import re

from .drafts import bodies, page, sent


def text(body: str, values: dict[str, str] | None = None) -> str:
    return bodies(sent({"html": page(body), "kind": "operational"}, values))[0]


def test_headings_paragraphs_and_line_breaks() -> None:
    assert (
        text("<h1>News</h1><p>One<br>two</p>\n\n<p>three   four\nfive</p>")
        == "News\n\nOne\ntwo\n\nthree four five\n"
    )


def test_links_are_written_out_once() -> None:
    assert text('<a href="https://x.example/a">Read</a> on') == "Read (https://x.example/a) on\n"
    assert text('<a href="https://x.example/a">https://x.example/a</a>') == "https://x.example/a\n"
    assert text('<a href="https://x.example/">x.example</a>') == "x.example\n"
    assert text('<a href="mailto:a@b.example">a@b.example</a>') == "a@b.example\n"
    assert text('<a href="#top">Top</a><a name="x">y</a>') == "Topy\n"
    assert (
        text('<a href="https://x.example/a"><img alt="Logo" src="y"></a>') == "Logo (https://x.example/a)\n"
    )
    assert text('<a href="https://x.example/a"><img alt="" src="y"></a>') == "https://x.example/a\n"


def test_a_link_that_shows_its_own_token_is_written_once() -> None:
    assert (
        text('<a href="mailto:[=AffiliateManager.Email=]">[=AffiliateManager.Email=]</a>')
        == "marco@network.example\n"
    )


def test_lists_are_marked_and_nested_lists_indented() -> None:
    assert text("<ul><li>One<li><p>Two</p><ul><li>Inner</ul></ul>") == "- One\n- Two\n  - Inner\n"
    assert text("a<ul><li><p>One</p></li><li><p>Two</p></li></ul>b") == "a\n\n- One\n- Two\n\nb\n"
    assert text("<ol><li>One</li><li>Two</li></ol>after") == "1. One\n2. Two\n\nafter\n"


def test_rows_of_a_table_are_lines() -> None:
    assert (
        text("<table><tr><th>Offer</th><th>Pays</th></tr><tr><td>Solar</td><td>$24</td></tr></table>")
        == "Offer  Pays\nSolar  $24\n"
    )


def test_nothing_hidden_is_shown() -> None:
    body = (
        '<style>p{top:0}</style><div style="DISPLAY: none">no<div>no</div>no</div><p hidden>no</p><!-- no -->'
        "<!--[if mso]><p>no</p><![endif]--><!--[if !mso]><!--><p>yes</p><!--<![endif]-->"
    )
    assert text(body).split() == ["yes"]


def test_references_are_resolved_and_values_are_not_escaped() -> None:
    assert text(
        "Fish &amp; chips&nbsp;&copy; [=Affiliate.CompanyName=]", {"affiliate.companyname": "A & <B>"}
    ) == ("Fish & chips © A & <B>\n")


def test_values_in_links_are_encoded_and_whole_links_are_whole() -> None:
    body = '<a href="https://x.example/?n=[=Affiliate.CompanyName=]">a</a> <a href="[=AffiliateManager.Picture=]">b</a>'
    values = {"affiliate.companyname": "A & B", "affiliatemanager.picture": "https://x.example/a b?c=1&d='2'"}
    assert (
        text(body, values) == "a (https://x.example/?n=A%20%26%20B) b (https://x.example/a%20b?c=1&d='2')\n"
    )
    assert "alert" not in text(body, {"affiliatemanager.picture": "javascript:alert(1)"})


def test_long_paragraphs_are_wrapped_and_links_are_not_cut() -> None:
    link = "https://x.example/" + "a" * 100
    lines = text("<p>" + "word " * 100 + f'<a href="{link}">here</a>').splitlines()
    assert f"({link})" in lines
    assert max(len(line) for line in lines if link not in line) <= 76


def test_the_text_says_what_the_html_says() -> None:
    body = "".join(
        f"<table><tr><td><h2>Offer {n}</h2><p>Pays {n} dollars for <b>each</b> lead</p></td></tr></table>"
        for n in range(20)
    )
    plain, whole = bodies(sent({"html": page(body)}))
    shown = set(re.findall(r"\w+", re.sub(r"<[^>]*>", " ", whole)))
    assert len(shown & set(re.findall(r"\w+", plain))) / len(shown) > 0.95
