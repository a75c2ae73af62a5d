"""What the linter finds in a template, and what it says."""

from webapp.mail.tokens import TOKENS, available, find, lint_html, lint_text, suggested


def said(html: str, context: str = "message") -> list[str]:
    return [problem.sentence for problem in lint_html(html, context)]


def test_every_token_of_a_plain_message_is_accepted_in_a_plain_message() -> None:
    html = " ".join(spec.written() for spec in available("message"))
    assert said(html) == []


def test_case_and_inner_blanks_do_not_count() -> None:
    assert find(" affiliate . FIRSTNAME ") is TOKENS["affiliate.firstname"]
    assert said("[= affiliate.id =] [=AFFILIATE.ID=] [=Affiliate.&nbsp;ID=]") == []


def test_a_misspelt_token_is_refused_with_the_nearest_name_and_its_line() -> None:
    assert said("<p>Hi</p>\n<p>[=Affiliate.FistName=]</p>") == [
        "Line 2: [=Affiliate.FistName=] is not a token. Did you mean [=Affiliate.FirstName=]?"
    ]


def test_names_written_in_other_habits_lead_to_the_right_one() -> None:
    assert suggested("FirstName") == "[=Affiliate.FirstName=]"
    assert suggested("affiliate_id") == "[=Affiliate.ID=]"
    assert suggested("AffiliateManager.Mail") == "[=AffiliateManager.Email=]"
    assert suggested("Unsubscribe") == "[=Unsubscribe.Link=]"
    assert suggested("qqqq") == ""


def test_an_offer_token_needs_an_offer() -> None:
    assert "not about one" in said("[=OfferName=]")[0]
    assert said("[=OfferName=]", "offer") == []


def test_a_link_that_only_another_kind_of_mail_has_is_named() -> None:
    assert said("[=PasswordReset.Link=]") == [
        "Line 1: [=PasswordReset.Link=] is not available in this kind of mail. Remove it."
    ]


def test_an_open_bracket_without_end_is_found() -> None:
    assert "never closed" in said("Hello [=Affiliate.ID there")[0]
    assert "never closed" in said("[=Affiliate.FirstName and [=Affiliate.ID=]")[0]


def test_tokens_that_an_editor_broke_are_recognised() -> None:
    for broken in (
        "[=Aff<b>iliate.ID=]",
        '<a href="https://x.example/?a=%5B=Affiliate.ID=%5D">x</a>',
        "%5B%3DAffiliate.ID%3D%5D",
        "&#91;=Affiliate.ID=&#93;",
        "&#x5B;=Affiliate.ID=&#x5d;",
        "[<span>=Affiliate.ID=]",
        "[&#61;Affiliate.ID&#61;]",
        "&lbrack;=Affiliate.ID=&rbrack;",
        "[=Aff\u00adiliate.ID=]",
        "[=Affiliate\u200b.ID=]",
        "[=Affiliate.ID\ufeff=]",
        "[\u200b=Affiliate.ID=]",
        "[ =Affiliate.ID= ]",
        "[=“Affiliate.ID”=]",
        "[<b>=</b>Affiliate.ID=]",
        "[=Affiliate%2EID=]",
    ):
        assert said(broken) == [
            f"Line 1: {broken if '<a' not in broken else '%5B=Affiliate.ID=%5D'} is a token that an editor has broken. "
            "Write it as [=Affiliate.ID=]."
        ]


def test_a_repaired_token_keeps_its_default() -> None:
    assert "Write it as [=Affiliate.ID|a &amp; b=]." in said("&#91;=Affiliate.ID|a &amp; b=&#93;")[0]


def test_curly_quotes_around_a_link_are_named() -> None:
    assert "attribute with curly quotes" in said("<a href=“[=Unsubscribe.Link=]”>out</a>")[0]
    assert said("[=Affiliate.FirstName|“there”=]") == []


def test_a_subject_finds_broken_tokens_too() -> None:
    found = lint_text("[=Affili\u00adate.ID=] %5B=Affiliate.ID=%5D", "subject")
    assert [problem.suggestion for problem in found] == ["Write it as [=Affiliate.ID=]."] * 2


def test_places_where_no_value_may_stand_are_refused() -> None:
    for html, reason in (
        ("<style>p{color:[=Affiliate.ID=]}</style>", "in a style"),
        ('<p style="color:[=Affiliate.ID=]">', "in a style"),
        ("<script>[=Affiliate.ID=]</script>", "in a script"),
        ("<p [=Affiliate.ID=]>", "tag or attribute"),
        ("<p [=Affiliate.ID=]=1>", "tag or attribute"),
        ("<p[=Affiliate.ID=]>", "tag or attribute"),
        ('<p onclick="[=Affiliate.ID=]">', "event handler"),
        ('<a href="[=Affiliate.ID=]">', "first part of a link"),
        ('<a href="[=Affiliate.ID=]://x">', "first part of a link"),
        ('<a href="https://[=Affiliate.ID=]/">', "first part of a link"),
        ('<a href="https://x.example[=Affiliate.ID=]">', "first part of a link"),
        ('<a href="https:[=Affiliate.ID=]">', "first part of a link"),
        ('<a href="//[=Affiliate.ID=]">', "first part of a link"),
        ('<a href="/&#9;/[=Affiliate.ID=]">', "first part of a link"),
        ('<a href="/\\[=Affiliate.ID=]">', "first part of a link"),
        ('<a href="java[=Affiliate.ID=]">', "first part of a link"),
        ('<a href="data:text/html,[=Affiliate.ID=]">', "first part of a link"),
        ('<a href="[=Unsubscribe.Link=].evil.example">', "is a whole link"),
        ('<a href="[=Unsubscribe.Link=][=Affiliate.ID=]">', "is a whole link"),
        ('<a title="x" href="[=Affiliate.ID=]', "tag or attribute"),
    ):
        assert any(reason in sentence for sentence in said(html)), html


def test_places_where_a_value_may_stand_are_accepted() -> None:
    for html in (
        '<a href="[=Unsubscribe.Link=]">out</a>',
        "<a href=[=Unsubscribe.Link=]>out</a>",
        '<a href=" [=Network.LoginURL=]?id=[=Affiliate.ID=]">in</a>',
        '<a href="https://x.example/[=Affiliate.ID=]">x</a>',
        '<a href="https://x.example?id=[=Affiliate.ID=]&amp;n=[=Affiliate.LastName=]">x</a>',
        '<a href="mailto:[=AffiliateManager.Email=]?subject=[=Affiliate.ID=]">x</a>',
        '<a href="tel:[=AffiliateManager.Phone=]">x</a>',
        '<img src="[=AffiliateManager.Picture=]" alt="[=AffiliateManager.FirstName=]">',
        "<title>[=Network.Name=]</title>",
        "a < b [=Affiliate.ID=] > c",
        "<!-- [=Affiliate.ID=] -->",
        '<!--[if mso]><v:roundrect href="[=Unsubscribe.Link=]"><![endif]-->',
    ):
        assert said(html) == [], html


def test_a_subject_is_read_as_plain_text() -> None:
    assert lint_text("Hi [=Affiliate.FirstName|A & B=]", "subject") == []
    assert [problem.field for problem in lint_text("[=Nobody.Knows=]", "subject")] == ["subject"]


def test_problems_are_plain_data_for_other_programs() -> None:
    problem = lint_html("[=Affiliate.FistName=]")[0]
    assert problem.as_dict()["line"] == 1
    assert set(problem.as_dict()) >= {"line", "token", "reason", "suggestion"}
