"""The vault: secrets sealed for one place, tokens signed for one purpose, a key file that can be rotated."""

import stat
from pathlib import Path

import pytest

from webapp import vault
from webapp.vault import Vault, VaultError


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    Vault.open(tmp_path / "offerpost.key", create=True)
    return tmp_path / "offerpost.key"


def test_the_key_file_is_readable_by_its_owner_only(key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_a_secret_opens_only_in_the_row_it_was_sealed_for(key_file: Path) -> None:
    opened = Vault(key_file)
    sealed = opened.encrypt("hunter2", row="mail_server:1:password")
    assert opened.decrypt(sealed, row="mail_server:1:password") == "hunter2"
    with pytest.raises(VaultError, match="wrong place"):
        opened.decrypt(sealed, row="mail_server:2:password")


def test_a_missing_key_file_is_named_and_never_made_anew_beside_old_secrets(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match=r"offerpost\.key is missing"):
        Vault.open(tmp_path / "offerpost.key", create=False)


@pytest.mark.parametrize("content", [b"", b"no key at all\n"])
def test_a_damaged_key_file_is_refused_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "offerpost.key"
    path.write_bytes(content)
    with pytest.raises(VaultError, match="Put the saved key file back"):
        Vault(path)


def test_a_token_is_good_for_one_purpose_only(key_file: Path) -> None:
    opened = Vault(key_file)
    signature = opened.sign("unsubscribe", "17")
    assert opened.verify("unsubscribe", "17", signature)
    assert not opened.verify("open", "17", signature)
    assert not opened.verify("unsubscribe", "18", signature)
    assert not opened.verify("unsubscribe", "17", "é" + signature[1:])


def test_old_tokens_and_secrets_outlive_two_rotations(key_file: Path) -> None:
    before = Vault(key_file)
    sealed, signature = before.encrypt("hunter2", row="r"), before.sign("unsubscribe", "17")
    vault.rotate(key_file)
    vault.rotate(key_file)
    after = Vault(key_file)
    assert after.decrypt(sealed, row="r") == "hunter2"
    assert after.verify("unsubscribe", "17", signature)
    assert after.sign("unsubscribe", "17") != signature


def test_a_running_process_opens_what_was_sealed_after_a_rotation(key_file: Path) -> None:
    running = Vault(key_file)
    vault.rotate(key_file)
    other = Vault(key_file)
    assert running.decrypt(other.encrypt("new", row="r"), row="r") == "new"
    assert running.verify("unsubscribe", "1", other.sign("unsubscribe", "1"))
