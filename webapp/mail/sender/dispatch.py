"""Turns a claim into an order: values of the recipients, sealed values, Message-IDs and links to leave the news."""

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.config import DEFAULT_ADDRESS
from webapp.mail import links, opens, unsubscribe
from webapp.mail.clicks import click_url
from webapp.mail.compose.links import KEY as CLICK_LINK
from webapp.mail.models import MailContent
from webapp.mail.outbox.claim import Claim, ClaimedMail, moment
from webapp.mail.outbox.enqueue import values_row
from webapp.mail.outbox.identity import domain_of, message_id
from webapp.mail.ports import RecipientValues
from webapp.mail.sender.orders import Content, Job
from webapp.mail.sender.results import REJECTED, Result
from webapp.mail.sender.verdicts import OURS
from webapp.mail.states import Kind
from webapp.mail.tokens import TOKENS
from webapp.mail.tokens.catalogue import OFFER_DIGEST
from webapp.mail.tokens.lists import LISTS
from webapp.mail.verp import envelope_sender
from webapp.vault import Vault, VaultError

KEPT = 64


@dataclass(frozen=True)
class _Known:
    """A content, and what each of its mails needs of it."""

    content: Content
    domain: str
    leave: str  # where people leave the news: the address before the token
    leaving: Callable[[int], str]  # makes the token of a mail
    offer: str
    said: "Said"
    tracking_url: str  # "" where no clicks are counted
    about_offers: bool  # its mails need values of an offer, or of the offers that somebody runs
    links: Callable[[int], dict[str, str]] | None  # makes those of a mail, if its text has any
    signed_with: str  # the key of the envelope senders, the same for every attempt whatever it is now


class Said:
    """Which tokens a text may use: whatever occurs in it, however it is written. Asked by key, in lower case."""

    def __init__(self, *texts: str) -> None:
        self._text = "".join(unescape(" ".join(texts)).lower().split())

    def __contains__(self, key: object) -> bool:
        if key in LISTS:  # a word such as “offers” occurs in every other mail
            return any(f"[={before}{key}" in self._text for before in ("each", "if", "ifnot"))
        return str(key) in self._text

    @classmethod
    def of(cls, draft: Mapping[str, Any]) -> "Said":
        return cls(*(str(draft.get(name) or "") for name in ("subject", "preheader", "html", "text")))


def _edition(content: MailContent) -> str:
    """What a digest is about: not one offer, but what this edition of it tells each affiliate."""
    return f"{OFFER_DIGEST}:{content.id}" if content.context == OFFER_DIGEST else ""


class Dispatch:
    """Holds what is needed to address mails, and the contents that were read lately."""

    def __init__(self, vault: Vault, values: RecipientValues, public_url: str) -> None:
        self._vault, self._values, self._public_url = vault, values, public_url
        self._contents: dict[int, _Known] = {}

    def jobs(self, session: Session, claim: Claim) -> tuple[list[Job], list[Result], dict[int, Content]]:
        """What to send, what cannot be sent because the person is gone, and the contents by id."""
        contents = self._load(session, {mail.content_id for mail in claim.mails})
        known = self._known(session, claim, contents)
        jobs, refused = [], []
        for mail in claim.mails:
            about = mail.content_id if contents[mail.content_id].about_offers else ""
            if mail.recipient_id is not None and mail.recipient_id not in known[about]:
                refused.append(
                    _refused(claim, mail, "gone", "The affiliate was deleted before the mail left.")
                )
                continue
            try:
                jobs.append(self._job(claim, mail, contents[mail.content_id], known[about]))
            except VaultError as error:
                refused.append(_refused(claim, mail, "sealed", str(error)))
        return jobs, refused, {number: one.content for number, one in contents.items()}

    def _known(
        self, session: Session, claim: Claim, contents: Mapping[int, _Known]
    ) -> dict[int | str, Mapping[int, Mapping[str, str]]]:
        """The values of the recipients: by content where that is about offers, under "" for all other mail."""
        people: dict[int | str, set[int]] = {}
        for mail in claim.mails:
            of = people.setdefault(mail.content_id if contents[mail.content_id].about_offers else "", set())
            if mail.recipient_id is not None:
                of.add(mail.recipient_id)
        found: dict[int | str, Mapping[int, Mapping[str, str]]] = {}
        for key, ids in people.items():
            about, wanted = (
                (contents[key].offer, contents[key].said) if isinstance(key, int) else ("", _wanted(contents))
            )
            found[key] = self._values.load(session, sorted(ids), about, wanted) if ids else {}
        return found

    def _job(
        self, claim: Claim, mail: ClaimedMail, content: _Known, known: Mapping[int, Mapping[str, str]]
    ) -> Job:
        values = known.get(mail.recipient_id, {}) if mail.recipient_id is not None else {}
        if content.links is not None and mail.recipient_id is not None:
            values = {**values, **content.links(mail.id)}
        if mail.values is not None:
            opened = self._vault.decrypt(mail.values, row=values_row(mail.key))
            values = {**values, **json.loads(opened)}
        if content.tracking_url:
            values = {**values, CLICK_LINK: click_url(self._vault, content.tracking_url, mail.id)}
        url, bounces = None, claim.server.bounce_domain
        if mail.kind == Kind.ANNOUNCEMENT:
            url = content.leave + content.leaving(mail.id)
        return Job(
            mail_id=mail.id,
            lease=claim.lease,
            content_id=mail.content_id,
            mailing_id=mail.mailing_id,
            address=_as_written(mail.address, values),
            values=values,
            message_id=message_id(mail.id, mail.key, moment(mail.created_at), content.domain),
            unsubscribe_url=url,
            sender=envelope_sender(self._vault, mail.id, bounces, content.signed_with) if bounces else None,
        )

    def _load(self, session: Session, content_ids: set[int]) -> dict[int, _Known]:
        missing = content_ids - self._contents.keys()
        if missing:
            if len(self._contents) > KEPT:
                self._contents.clear()
                missing = content_ids
            self._choose_key(session, missing)
            for content in session.scalars(select(MailContent).where(MailContent.id.in_(missing))):
                public_url = str(content.draft.get("public_url") or self._public_url or DEFAULT_ADDRESS)
                plain = Content(content.id, self._with_picture(content.draft), content.context)
                domain, said = domain_of(content.draft), Said.of(content.draft)
                about = content.offer or _edition(content)
                about_offers = bool(about) or "offers" in said
                tracking_url = content.draft.get("tracking_url", "") if content.draft.get("links") else ""
                made = links.maker(self._vault, public_url, content.offer, said)
                self._contents[content.id] = _Known(
                    plain,
                    domain,
                    unsubscribe.address(public_url),
                    links.token_maker(self._vault, unsubscribe.PURPOSE),
                    about,
                    said,
                    tracking_url,
                    about_offers,
                    made,
                    content.signed_with,
                )
        return {content_id: self._contents[content_id] for content_id in content_ids}

    def _with_picture(self, draft: dict[str, Any]) -> dict[str, Any]:
        """Only here is the key by which its address is signed; it is the same in all mails of a message."""
        message, host = draft.get("opens_of"), draft.get("tracking_url")
        if not message or not host:
            return draft
        return {**draft, "picture": opens.picture_url(self._vault, str(host), int(message))}

    def _choose_key(self, session: Session, content_ids: set[int]) -> None:
        """Whoever claims first names the key. A greylisting server would wait for ever for a sender that it knows (F8)."""
        session.execute(
            update(MailContent)
            .where(MailContent.id.in_(content_ids), MailContent.signed_with == "")
            .values(signed_with=self._vault.key_id)
            .execution_options(synchronize_session=False)
        )


def _wanted(contents: Mapping[int, _Known]) -> Container[str]:
    """What those texts use that are about no offers. One alone is asked; several that differ get every token."""
    said = [one.said for one in contents.values() if not one.about_offers]
    return said[0] if len(said) == 1 else TOKENS


def _as_written(address: str, values: Mapping[str, str]) -> str:
    """The address with the capitals that its owner gave it: only that host may say they mean nothing (RFC 5321 §2.4).

    The row keeps it in lower case, as suppressions do. An address that was changed since the start stays as it was.
    """
    written = values.get("affiliate.email", "")
    return written if written.lower() == address else address


def _refused(claim: Claim, mail: ClaimedMail, code: str, words: str) -> Result:
    return Result(mail.id, claim.lease, REJECTED, claim.server.id, OURS, code, words)
