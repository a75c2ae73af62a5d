"""Links that belong to one mail and one purpose."""

import pytest

from webapp.desk import Desk
from webapp.errors import NotFound
from webapp.mail import links
from webapp.mail.sender.dispatch import Said

URL = "https://desk.example.com"


def test_a_mail_has_the_same_links_on_every_attempt_and_another_mail_has_others(desk: Desk) -> None:
    make = links.maker(desk.vault, URL, "3071", links.KEYS)
    assert make is not None
    assert make(7) == make(7)
    for key in links.PATHS:
        assert make(7)[key] != make(8)[key]
        assert len(make(2**53)[key]) < 75


def test_only_what_a_text_says_is_made(desk: Desk) -> None:
    assert links.maker(desk.vault, URL, "3071", Said("Hello [=Affiliate.ID=]")) is None
    make = links.maker(desk.vault, URL, "3071", Said('<a href="[= Auto Login =]">in</a>'))
    assert make is not None
    assert set(make(7)) == {"autologin"}


def test_each_purpose_has_a_signature_of_its_own(desk: Desk) -> None:
    make = links.maker(desk.vault, URL, "", links.KEYS)
    assert make is not None
    for key, path in links.PATHS.items():
        assert make(7)[key] == links.link(desk.vault, URL, path, 7)
        token = make(7)[key].rpartition("/")[2]
        assert links.mail_of(desk.vault, links.purpose_of(path), token) == 7
        for other in {*links.PATHS.values(), "unsubscribe"} - {path}:
            with pytest.raises(NotFound):
                links.mail_of(desk.vault, links.purpose_of(other), token)


@pytest.mark.parametrize("token", ["", ".", "7", "7.", ".x", "z" * 5000 + ".x", "é.x", "-1.x"])
def test_nonsense_is_no_link(desk: Desk, token: str) -> None:
    with pytest.raises(NotFound):
        links.mail_of(desk.vault, links.purpose_of("a"), token)


def test_the_offer_stands_in_a_link_as_one_part(desk: Desk) -> None:
    make = links.maker(desk.vault, f"{URL}/", "a/b c", {"manuallogintocreatives"})
    assert make is not None
    assert make(1) == {"manuallogintocreatives": f"{URL}/creatives/a%2Fb%20c"}
