"""The tax form: what is taken in, how it is kept, and who gets it out."""

import io

import pytest
from flask import Flask
from sqlalchemy import select

from tests.browser import Person, words
from tests.personas import MakePerson
from tests.portal.conftest import World
from webapp.accounts.models import AuditEntry
from webapp.affiliates import erasing, tax_forms
from webapp.affiliates.models import Affiliate
from webapp.affiliates.tax_models import TaxForm
from webapp.errors import Invalid
from webapp.mail import links
from webapp.settings import store
from webapp.vault import VaultError

PDF = b"%PDF-1.7 secret number 123-45-6789\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0 picture \xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n picture IEND\xaeB`\x82"


@pytest.fixture(autouse=True)
def _asked_for(world: World) -> None:
    with world.desk.session() as session:
        store.put(session, {"tax_form": "upload"})


def hand_in(person: Person, content: bytes = PDF, name: str = "w9.pdf") -> str:
    return words(person.post("/my/tax-form", {"file": (io.BytesIO(content), name)}, follow=True))


def kept(world: World) -> dict[int, str]:
    with world.desk.reading() as session:
        return {one.affiliate_id: one.kind for one in session.query(TaxForm)}


@pytest.mark.parametrize(("content", "kind"), [(PDF, "pdf"), (JPEG, "jpeg"), (PNG, "png")])
def test_a_file_is_known_by_its_own_bytes(content: bytes, kind: str) -> None:
    assert tax_forms.kind_of(content) == kind


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script>", "neither a PDF"),
        (b"GIF89a", "neither a PDF"),
        (b"MZ %PDF-1.7 %%EOF", "neither a PDF"),
        (PDF[:-8], "cut off"),
        (PDF + b"x" * 4000, "cut off"),
        (b"%PDF-" + b"x" * tax_forms.LARGEST + b"%%EOF", "larger than 5 MB"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        tax_forms.kind_of(content)


def test_an_affiliate_hands_it_in_and_no_byte_of_it_is_readable_on_the_disk(
    world: World, ana: Person
) -> None:
    assert "Thank you" in hand_in(ana)
    assert kept(world) == {world.ana.id: "pdf"}
    with world.desk.reading() as session:
        asked = select(Affiliate.id).where(Affiliate.tax_form_on == "")
        assert list(session.scalars(asked)) == [world.bo.id]  # who is reminded
    files = [path for path in world.desk.config.home.rglob("*") if path.is_file()]
    assert not [path for path in files if b"123-45-6789" in path.read_bytes()]


def test_a_refused_file_leaves_the_one_that_is_there(world: World, ana: Person) -> None:
    hand_in(ana)
    assert "neither a PDF" in hand_in(ana, b"MZ\x90 program", "w9.pdf")
    assert kept(world) == {world.ana.id: "pdf"}
    hand_in(ana, PNG, "scan.png")
    assert kept(world) == {world.ana.id: "png"}


def test_who_may_see_payment_details_gets_it_as_a_file_and_that_is_written_down(
    world: World, ana: Person, owner: Person
) -> None:
    hand_in(ana, name="../../evil.exe")
    assert "handed in today" in words(owner.get(f"/affiliates/{world.ana.id}"))
    answer = owner.post(f"/affiliates/{world.ana.id}/tax-form")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == f'attachment; filename="tax-form-{world.ana.id}.pdf"'
    assert answer.mimetype == "application/octet-stream"
    with world.desk.reading() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert "tax form downloaded" in actions


def test_nobody_else_gets_it(world: World, app: Flask, ana: Person, bo: Person, person: MakePerson) -> None:
    hand_in(ana)
    path = f"/affiliates/{world.ana.id}/tax-form"
    assert person("view_affiliate_details", "view_all_affiliates", "edit_all").post(path).status_code == 403
    assert (
        person("view_payment_details", "view_affiliate_details").post(path).status_code == 404
    )  # not his own
    assert bo.post(path).location.startswith("/sign-in")
    assert "We have it" not in words(bo.get("/my/tax-form"))
    assert Person(app).get("/my/tax-form").location.startswith("/my/sign-in")


def test_a_file_under_another_name_is_not_opened(world: World, ana: Person, owner: Person) -> None:
    hand_in(ana)
    with world.desk.session() as session:
        sealed = session.get_one(TaxForm, world.ana.id).sealed or b""
        session.add(TaxForm(affiliate_id=world.bo.id, kind="pdf", sealed=sealed))
    with pytest.raises(VaultError):
        world.desk.vault.unseal(sealed, row=tax_forms.row_of(world.bo.id))
    assert PDF not in owner.post(f"/affiliates/{world.bo.id}/tax-form").data


def test_it_is_sealed_anew_with_a_new_key_and_goes_with_the_person(world: World, ana: Person) -> None:
    hand_in(ana)
    with world.desk.session() as session:
        assert tax_forms.seal_again(session, world.desk.vault) == 1
    with world.desk.session() as session:
        form = session.get_one(TaxForm, world.ana.id)
        assert world.desk.vault.unseal(form.sealed or b"", row=tax_forms.row_of(world.ana.id)) == PDF
        erasing.erase(session, "test", session.get_one(Affiliate, world.ana.id))
    assert kept(world) == {}


def test_one_that_came_another_way_is_noted_and_taken_back(world: World, owner: Person) -> None:
    owner.post(f"/affiliates/{world.bo.id}/tax-form/received")
    assert kept(world) == {world.bo.id: "elsewhere"}
    assert owner.post(f"/affiliates/{world.bo.id}/tax-form").status_code == 404
    owner.post(f"/affiliates/{world.bo.id}/tax-form/remove")
    assert kept(world) == {}


def test_the_link_of_a_mail_leads_to_it(world: World, stranger: Person) -> None:
    page = stranger.post(world.link(world.ana, links.TAX_FORM), follow=True)
    assert page.request.path == "/my/tax-form"


def test_the_form_of_the_network_can_be_elsewhere(world: World, owner: Person, ana: Person) -> None:
    typed = {"portal": "on", "tax_form": "link", "tax_form_url": ""}
    assert "Say where your form is" in words(owner.post("/account/affiliates-page", typed))
    owner.post("/account/affiliates-page", typed | {"tax_form_url": "https://forms.example.com/w9?x=1"})
    assert 'href="https://forms.example.com/w9?x=1"' in ana.get("/my/tax-form").text
    hand_in(ana)
    assert kept(world) == {}
