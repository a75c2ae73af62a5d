"""The pages open to those with the right, and to nobody else."""

import pytest

from tests.browser import words
from webapp.settings import store

PAGES = (
    "/account/email-settings",
    "/account/email-settings/servers/new",
    "/account/email-settings/servers/new?kind=smtp",
    "/account/email-settings/servers/1",
    "/account/email-settings/servers/1/delete",
    "/setup/network",
    "/setup/identity",
    "/setup/server",
    "/setup/test",
    "/mail-folder",
)
DEEDS = ("default", "pause", "resume", "delete")


@pytest.mark.parametrize("path", PAGES)
def test_the_owner_sees_the_page(owner, path):
    assert owner.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_colleague_without_the_right_is_told_which_one_it_needs(colleague, path):
    page = colleague.get(path)
    assert page.status_code == 403
    assert "right" in words(page)


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_sign_in(stranger, path):
    answer = stranger.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("deed", DEEDS)
def test_a_colleague_can_do_nothing_to_a_server(colleague, deed):
    assert colleague.post(f"/account/email-settings/servers/1/{deed}").status_code == 403


def test_saving_without_the_right_changes_nothing(colleague, owner):
    colleague.post("/account/email-settings", {"from_name": "Evil", "kind": "folder"})
    assert "Evil" not in owner.get("/account/email-settings").get_data(as_text=True)


def test_the_menu_shows_the_page_to_those_who_may_open_it(owner, colleague):
    assert "Email settings" in words(owner.get("/mail-folder"))
    assert "Email settings" not in words(colleague.get("/account/profile", follow=True))


def test_who_reads_the_delivery_log_reads_neither_the_folder_nor_the_settings(person):
    """The folder holds links for new passwords of administrators: reading it would be becoming one."""
    reader = person("view_delivery_log")
    assert reader.get("/mail-folder").status_code == 403
    assert reader.get("/account/email-settings").status_code == 403


def test_the_refusal_stands_in_the_networks_own_frame(colleague, desk):
    with desk.session() as session:
        store.put(session, {"network_name": "Northlight Partners"})
    assert "Northlight Partners" in words(colleague.get("/account/email-settings"))
