"""Mails as they come back, in the manner of the world's mail servers; written for these tests."""

from collections.abc import Sequence

TO = "b+1.aaaaaaaaaaaaaaaa@bounces.example.com"


def plain(
    body: str,
    *,
    sender: str = "MAILER-DAEMON@mx.example.net",
    subject: str = "failure notice",
    headers: str = "",
) -> bytes:
    """A bounce without a report."""
    return f"From: {sender}\nTo: {TO}\nSubject: {subject}\n{headers}\n{body}".encode()


def report(
    fields: str,
    *,
    text: str = "Sorry.",
    returned: str = "To: dana@a.example.com\nMessage-ID: <1@x>\n",
    to: str = TO,
    encoding: str = "",
) -> bytes:
    """A delivery report (RFC 3464). `fields`: those of its recipients."""
    return "\n".join(
        (
            f"Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>\nTo: {to}",
            "Subject: Undelivered Mail Returned to Sender\n"
            'Content-Type: multipart/report; boundary="=_x"; report-type=delivery-status',
            f"\n--=_x\nContent-Type: text/plain\n\n{text}\n\n--=_x\nContent-Type: message/delivery-status{encoding}\n",
            f"{fields}\n--=_x\nContent-Type: message/rfc822\n\n{returned}\nHello\n--=_x--\n",
        )
    ).encode()


def failed(address: str, status: str, words: str, action: str = "failed") -> str:
    return f"\nFinal-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {words}\n"


def fields(*recipients: str) -> str:
    return "Reporting-MTA: dns; mx.example.net\n" + "".join(recipients)


FREE: Sequence[tuple[str, bytes, str, str]] = (
    (
        "qmail",
        plain(
            "Hi. This is the qmail-send program.\n\n<dana@a.example.com>:\n"
            "Sorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nReturn-Path: <me@example.com>\n"
            "To: other@a.example.com\n"
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "Exim",
        plain(
            "A message that you sent could not be delivered.\n\n  dana@a.example.com\n"
            "    host mx.a.example.com [192.0.2.1]: 550 mailbox is full\n\n"
            "------ This is a copy of the message, including all the headers. ------\n\n"
            "Received: from x\nTo: dana@a.example.com\n",
            headers="X-Failed-Recipients: dana@a.example.com\nAuto-Submitted: auto-replied\n",
        ),
        "dana@a.example.com",
        "soft",
    ),
    (
        "sendmail",
        plain(
            "   ----- The following addresses had permanent fatal errors -----\n<dana@a.example.com>\n"
            "    (reason: 550 5.7.1 Unable to relay)\n\n   ----- Original message follows -----\n",
            subject="Returned mail: see transcript for details",
        ),
        "dana@a.example.com",
        "soft",
    ),
    (
        "Exchange 5.5",
        plain(
            "Your message\n\n  To:      Dana\n  Subject: Hello\n\n"
            "did not reach the following recipient(s):\n\n"
            "dana@a.example.com on Thu, 3 Apr 2003 10:00:00 +0200\n"
            "    The recipient name is not recognized\n",
            sender="System Administrator <postmaster@a.example.com>",
            subject="Undeliverable: Hello",
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "X.400",
        plain(
            "c=US;a= ;p=Net;o=Desk;dda:SMTP=dana@a.example.com; on Fri\n"
            "    The recipient name is not recognized\n",
            sender="System Administrator <postmaster@a.example.com>",
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "IMail",
        plain(
            "Unknown user: dana@a.example.com\n\nOriginal message follows.\n\nTo: <other@a.example.com>\n",
            sender="Postmaster <postmaster@a.example.com>",
            subject="Undeliverable Mail",
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "Yahoo",
        plain(
            "Message from yahoo.example.\nUnable to deliver message to the following address(es).\n\n"
            "<dana@a.example.com>:\n"
            "This user doesn't have a yahoo.example account (dana@a.example.com) [0]\n"
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "AOL",
        plain(
            "Your mail to the following recipients could not be delivered because "
            "they are not accepting mail from me@example.com:\n"
            "\tdana\n",
            sender="MAILER-DAEMON@a.example.com",
            subject="Mail Delivery Problem",
        ),
        "dana@a.example.com",
        "soft",
    ),
    (
        "Domino",
        plain(
            "Your message\n\n  Subject: Hello\n\nwas not delivered to:\n\n  dana@a.example.com\n\n"
            "because:\n\n  User Dana (dana@a.example.com) not listed in Domino Directory\n",
            subject="DELIVERY FAILURE: User Dana not listed",
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "GMX",
        plain(
            'This message was created automatically by mail delivery software.\n\n"dana@a.example.com"\n'
            "SMTP error from remote server after RCPT command:\nhost mx.a.example.com:\n5.2.2 Quota exceeded\n"
        ),
        "dana@a.example.com",
        "soft",
    ),
    (
        "German Exchange",
        plain(
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger:\n\ndana@a.example.com\n"
            "Die E-Mail-Adresse wurde nicht gefunden.\n",
            sender="Microsoft Outlook <postmaster@a.example.com>",
            subject="Unzustellbar: Hallo",
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "a mail firewall",
        plain(
            "Your message:\n   From:    me@example.com\n   Subject: Hello\n\nCould not be delivered because of\n\n"
            "550 5.1.1 User unknown\n\nThe following recipients were affected:\n    dana@a.example.com\n\n"
            "Original Sender:    <me@example.com>\nMessageName:        <B5.0003.mml@fw.example.net>\n",
            sender="postmaster@fw.example.net",
            subject="Undeliverable Mail",
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "a directory that knows names only",
        plain(
            "Message not delivered to the following:\n\n dana    No match in the name directory\n",
            sender="MAILER-DAEMON@a.example.com",
            subject="Returned mail",
        ),
        "dana@a.example.com",
        "hard",
    ),
    (
        "a gateway to telephones",
        plain(
            "Error: Invalid user address\n\n550 - Requested action not taken: no such user here\n\n"
            "Message details:\n  MAIL FROM: me@example.com\n  RCPT TO: 5551234@a.example.com\n",
            sender="post_master@a.example.com",
            subject="Re: Hello",
        ),
        "5551234@a.example.com",
        "hard",
    ),
    (
        "a mailbox that nobody empties",
        plain(
            'Delivery of mail to this address\n\n"dana@a.example.com"\n\nhas failed due to a full mailbox.\n',
            sender="Postmaster@a.example.com",
            subject="Mail Delivery Failure",
        ),
        "dana@a.example.com",
        "soft",
    ),
    (
        "a queue that asks not to resend",
        plain(
            "Your message could not be delivered to the following recipients:\n\ndana@a.example.com\n\n"
            "Please do not resend your original message.\n\nDelivery attempts will continue to be made.\n",
            sender="gateway@a.example.com",
            subject="Delivery failure notification",
        ),
        "dana@a.example.com",
        "soft",
    ),
    (
        "a relay that waits",
        plain(
            "This is a warning message only.\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\n"
            "Will keep trying.\n   <dana@a.example.com>: user unknown\n",
            subject="Warning: could not send message for past 4 hours",
        ),
        "dana@a.example.com",
        "soft",
    ),
)
