"""The mail folder: mails that became files, read like mail and never run."""

import os
from pathlib import Path

import pytest

from tests.browser import words

MAIL = (
    b"From: Northlight <post@network.example>\r\nTo: %b\r\nSubject: %b\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    b"Hello in text\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p><script>alert(1)</script>\r\n--b--\r\n"
)


@pytest.fixture
def write(desk):
    folder: Path = desk.config.mail_folder / "outbox"
    folder.mkdir()

    def one(name: str, to: bytes = b"a@b.example", subject: bytes = b"News", at: int = 1_700_000_000) -> Path:
        path = folder / name
        path.write_bytes(MAIL % (to, subject))
        os.utime(path, (at, at))
        return path

    return one


def test_an_empty_folder_says_what_it_is_for(owner):
    assert "No mail has been written yet" in words(owner.get("/mail-folder"))


def test_the_newest_mail_comes_first(owner, write):
    write("1-a.eml", subject=b"Old", at=1_700_000_000)
    write("2-b.eml", subject=b"New", at=1_700_000_100)
    seen = words(owner.get("/mail-folder"))
    assert seen.index("New") < seen.index("Old")


def test_a_mail_is_found_by_its_recipient(owner, write):
    write("1-a.eml", to=b"anna@one.example", subject=b"For Anna")
    write("2-b.eml", to=b"bert@two.example", subject=b"For Bert")
    seen = words(owner.get("/mail-folder?q=ANNA"))
    assert "For Anna" in seen
    assert "For Bert" not in seen


def test_a_search_without_result_can_be_cleared(owner, write):
    write("1-a.eml")
    assert "Clear the search" in words(owner.get("/mail-folder?q=nobody"))


def test_more_than_a_page_is_cut_into_pages(owner, write):
    for number in range(53):
        write(f"{number}-x.eml", at=1_700_000_000 + number)
    assert "1 to 50 of 53" in words(owner.get("/mail-folder"))
    assert "51 to 53 of 53" in words(owner.get("/mail-folder?page=2"))
    assert owner.get("/mail-folder?page=99").status_code == 200


def test_a_mail_is_shown_with_headers_and_text(owner, write):
    write("1-a.eml", subject=b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    seen = words(owner.get("/mail-folder/outbox/1-a.eml"))
    assert "Grüße" in seen
    assert "Hello in text" in seen
    assert "MIME-Version: 1.0" in seen


def test_its_html_is_shown_under_a_policy_that_runs_nothing(owner, write):
    write("1-a.eml")
    answer = owner.get("/mail-folder/outbox/1-a.eml/html")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_the_file_itself_can_be_downloaded(owner, write):
    path = write("1-a.eml")
    answer = owner.get("/mail-folder/outbox/1-a.eml/raw")
    assert answer.data == path.read_bytes()
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "address",
    [
        "../offerpost.key", "outbox/../../offerpost.key", "%2e%2e/offerpost.key", "outbox/%2e%2e%2f%2e%2e%2fofferpost.key",
        "outbox/..%5c..%5cofferpost.key", "outbox/1-a.eml%00", ".hidden/1-a.eml", "outbox/.1-a.eml", "outbox/link.eml",
        "elsewhere/1-a.eml",
    ],
)  # fmt: skip
def test_no_other_file_can_be_read(owner, desk, write, tmp_path, address):
    path = write("1-a.eml")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "1-a.eml").write_bytes(b"Subject: outside\r\n\r\n")
    (desk.config.mail_folder / "elsewhere").symlink_to(tmp_path / "outside")
    (path.parent / "link.eml").symlink_to(desk.config.key_file)
    (path.parent / ".1-a.eml").write_bytes(b"unfinished")
    for end in ("", "/html", "/raw"):
        assert owner.get(f"/mail-folder/{address}{end}").status_code in (404, 308)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"no header at all", b"Content-Type: text/html; charset=nonsense\r\n\r\n\xff",
                b"Subject: =?x?q?=?=\r\nTo: <<<>>>,;:\r\nDate: never\r\nContent-Type: multipart/mixed\r\n\r\nx"]
)  # fmt: skip
def test_a_damaged_mail_breaks_no_page(owner, write, content):
    write("1-a.eml").write_bytes(content)
    for path in (
        "/mail-folder",
        "/mail-folder?q=x",
        "/mail-folder/outbox/1-a.eml",
        "/mail-folder/outbox/1-a.eml/html",
    ):
        assert owner.get(path).status_code == 200
