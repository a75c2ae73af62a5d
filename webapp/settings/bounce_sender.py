"""Where signed envelope senders live: at the domain of the bounce address, once a test has shown that the server takes them.

Many servers accept only senders that they know. So the connection test asks with such a sender as soon as there is a
bounce address, and until that test has passed mail keeps its plain from address.
"""

from sqlalchemy.orm import Session

from transports.contract import Capability
from webapp.desk import Desk
from webapp.mail import verp
from webapp.mail.compose import wire_domain
from webapp.settings import store
from webapp.settings.models import MailServer
from webapp.settings.opening import transport_class

NO_MAIL = 0  # rows count from one, so nothing that comes back to the test's sender is ever believed


def to_test_with(desk: Desk, session: Session, kind: str, plain: str) -> str:
    """The envelope sender for a connection test: a signed one when there will be such, else the from address."""
    domain = _wanted(desk, session, kind)
    return verp.envelope_sender(desk.vault, NO_MAIL, domain) if domain else plain


def has_worked(server: MailServer, sender: str) -> None:
    """A test of this server's saved values passed with this sender."""
    if sender.startswith(verp.MARK):
        server.bounce_domain = _proof(server, sender.rpartition("@")[2])


def domain(desk: Desk, session: Session, server: MailServer) -> str:
    """The domain of signed senders through this server; "" while it sends with the plain from address."""
    wanted = _wanted(desk, session, server.kind)
    return wanted if wanted and server.bounce_domain == _proof(server, wanted) else ""


def _wanted(desk: Desk, session: Session, kind: str) -> str:
    address = store.identity(session).bounce_address
    if not address or Capability.RETURN_PATH not in transport_class(desk, kind).capabilities:
        return ""
    return wire_domain(address.rpartition("@")[2])


def _proof(server: MailServer, domain: str) -> str:
    """Changed values have to be tested again."""
    return f"{server.revision}:{domain}"
