"""Django's bulk way: `EmailMultiAlternatives` objects handed to `send_messages`, which keeps one connection."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from benchmarks import message
from benchmarks.contestants.stopwatch import timed

SIMPLE = message.Simple()


def _composed(number: int) -> EmailMultiAlternatives:
    values = message.person(number)
    subject, text, html = SIMPLE.parts(values)
    headers = {
        "Message-ID": f"<{number}.ab12cd@mail.network.example>",
        "List-Unsubscribe": f"<{message.unsubscribe_url(number)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    sender = f"Northwind Partners <{message.SENDER}>"
    mail = EmailMultiAlternatives(subject, text, sender, [values["affiliate.email"]], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def send(port: int, mails: int) -> int:
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port, username="", password=""
    )
    return int(connection.send_messages([_composed(number) for number in range(mails)]) or 0)


if __name__ == "__main__":
    settings.configure(USE_I18N=False, EMAIL_USE_LOCALTIME=False)
    timed(send)
