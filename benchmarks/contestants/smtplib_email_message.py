"""What the standard library's documentation shows: an `EmailMessage` a recipient, sent over one kept connection."""

import smtplib
from email.message import EmailMessage

from benchmarks import message
from benchmarks.contestants.stopwatch import timed

SIMPLE = message.Simple()


def composed(number: int) -> EmailMessage:
    """One mail with the headers that an announcement needs."""
    values = message.person(number)
    subject, text, html = SIMPLE.parts(values)
    mail = EmailMessage()
    mail["From"] = f"Northwind Partners <{message.SENDER}>"
    mail["To"] = f"{values['affiliate.firstname']} <{values['affiliate.email']}>"
    mail["Reply-To"] = "partners@network.example"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{number}.ab12cd@mail.network.example>"
    mail["List-Unsubscribe"] = f"<{message.unsubscribe_url(number)}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail


def send(port: int, mails: int) -> int:
    with smtplib.SMTP("127.0.0.1", port) as client:
        for number in range(mails):
            client.send_message(composed(number), message.SENDER, [message.address(number)])
    return mails


if __name__ == "__main__":
    timed(send)
