"""Mails as files."""

import logging
import os
from pathlib import Path

import pytest

from transports.checks import Verdict
from transports.contract import Status
from transports.errors import PermanentError, SettingsError, TemporaryError
from transports.folder.transport import FolderTransport
from transports.net import Net
from transports.testing.mails import Mail, demanding


def folder(root: Path | None, name: str = "outbox") -> FolderTransport:
    return FolderTransport({"name": name}, net=Net(mail_root=root), log=logging.getLogger("folder"))


def test_a_mail_is_a_file_with_the_very_same_bytes(tmp_path: Path):
    mail = demanding()
    (sent,) = folder(tmp_path).send([mail])
    assert sent.status is Status.ACCEPTED
    assert [path.name for path in (tmp_path / "outbox").iterdir()] == [sent.provider_id]
    assert (tmp_path / "outbox" / sent.provider_id).read_bytes() == mail.to_bytes()


def test_a_second_try_makes_no_second_mail(tmp_path: Path):
    for _ in range(2):
        list(folder(tmp_path).send([Mail(key="17")]))
    assert len(list((tmp_path / "outbox").iterdir())) == 1


def test_keys_of_any_kind_make_plain_file_names(tmp_path: Path):
    mails = [Mail(key=key) for key in ("../../etc/passwd", "a/b", "..", "é", "x" * 300, "a b", "ab")]
    names = [sent.provider_id for sent in folder(tmp_path).send(mails)]
    assert len(set(names)) == len(mails)
    assert sorted(names) == sorted(path.name for path in (tmp_path / "outbox").iterdir())


def test_a_folder_name_is_no_path():
    for name in ("../x", "a/b", "/etc", "", ".", "..", "A", "x" * 41, "a\nb", ".hidden"):
        assert [problem.field for problem in FolderTransport.check({"name": name})] == ["name"], name
    assert FolderTransport.check({"name": "autumn-2026"}) == []


def test_a_path_that_got_into_the_settings_is_not_followed(tmp_path: Path):
    with pytest.raises(SettingsError):
        list(folder(tmp_path / "mail", "../escaped").send([Mail()]))
    assert list(tmp_path.iterdir()) == []


def test_an_instance_without_a_mail_folder_says_so():
    with pytest.raises(SettingsError):
        list(folder(None).send([Mail()]))


def test_a_full_disk_sends_the_mail_back_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    found = []
    with pytest.raises(TemporaryError, match="The disk is full") as trouble:
        for delivery in folder(tmp_path).send([Mail(), Mail()]):
            found.append(delivery)
    assert trouble.value.hint
    assert [one.status for one in found] == [Status.DEFERRED]
    assert list((tmp_path / "outbox").iterdir()) == []


def test_a_folder_in_the_way_is_told_by_probe_and_by_send(tmp_path: Path):
    (tmp_path / "outbox").write_text("a file")
    assert [check.verdict for check in folder(tmp_path).probe("a@b.example")].count(Verdict.FAIL) == 1
    with pytest.raises((TemporaryError, PermanentError)):
        list(folder(tmp_path).send([Mail()]))


def test_a_probe_leaves_nothing_behind(tmp_path: Path):
    checks = folder(tmp_path).probe("a@b.example")
    assert [check.step.value for check in checks] == ["resolve", "connect", "encrypt", "login", "sender"]
    assert list((tmp_path / "outbox").iterdir()) == []
