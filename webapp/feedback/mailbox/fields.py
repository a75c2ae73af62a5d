"""The settings of the mailbox, declared as a transport declares its own; the form is drawn from them."""

from collections.abc import Iterator, Mapping

from transports.fields import Choice, Field, FieldProblem, Integer, Secret, Text, Toggle, Value

IMAP, POP3 = "imap", "pop3"
PORTS = {"143": "starttls", "110": "starttls", "993": "tls", "995": "tls"}
KEEP, SEEN, MOVE, DELETE = "keep", "seen", "move", "delete"
XOAUTH2 = ("auth", ("xoauth2",))

FIELDS: tuple[Field, ...] = (
    Toggle("active", "Fetch mail from this mailbox by itself", default=True),
    Choice(
        "protocol",
        "Protocol",
        options=((IMAP, "IMAP"), (POP3, "POP3")),
        default=IMAP,
        destination=True,
        help="IMAP where you can choose: it knows folders, and what was read already.",
    ),
    Text("host", "Host name", required=True, destination=True, placeholder="imap.example.com"),
    Integer("port", "Port", required=True, default=993, minimum=1, maximum=65535, destination=True),
    Choice(
        "security",
        "Encryption (SSL/TLS)",
        options=(("tls", "TLS from the start"), ("starttls", "STARTTLS, required"), ("none", "None")),
        default="tls",
        destination=True,
        help="Ports 993 (IMAP) and 995 (POP3) go with TLS from the start, 143 and 110 with STARTTLS.",
    ),
    Text("username", "User name", required=True, destination=True),
    Choice(
        "auth",
        "Way to sign in",
        options=(("password", "Password"), ("xoauth2", "XOAUTH2")),
        default="password",
        destination=True,
    ),
    Secret(
        "password",
        "Password",
        help="Kept encrypted. It never comes back to this page.",
        when=("auth", ("password",)),
    ),
    Text(
        "client_id",
        "Client ID",
        help="Of the application that you registered at the provider.",
        when=XOAUTH2,
        destination=True,
    ),
    Secret("client_secret", "Client secret", help="Empty if the provider gave you none.", when=XOAUTH2),
    Secret(
        "refresh_token", "Refresh token", help="It must have been granted for IMAP or POP3.", when=XOAUTH2
    ),
    Text(
        "token_url",
        "Token address",
        placeholder="https://auth.example.com/token",
        help="Where access tokens are fetched. Your provider's help page names it.",
        when=XOAUTH2,
        destination=True,
    ),
    Text("folder", "Folder", default="INBOX", max_length=200, when=("protocol", (IMAP,))),
    Choice(
        "after",
        "What happens to a mail in the mailbox",
        options=(
            (KEEP, "It stays as it is"),
            (SEEN, "It is marked as read"),
            (MOVE, "It is moved to another folder"),
            (DELETE, "It is deleted"),
        ),
        default=SEEN,
        help="Only after it is stored here. It goes for those that were taken in earlier, too. POP3 can only keep or delete.",
    ),
    Text(
        "move_to",
        "Move to the folder",
        max_length=200,
        when=("after", (MOVE,)),
        help="It has to be there already.",
    ),
    Integer("minutes", "Look for new mail every so many minutes", default=5, minimum=1, maximum=1440),
    Text(
        "ca_pem",
        "Certificate authority",
        multiline=True,
        destination=True,
        help="Only for a server with a certificate of your own authority: paste that authority's PEM.",
    ),
)


def problems(values: Mapping[str, Value], secrets: frozenset[str]) -> Iterator[FieldProblem]:
    """What is wrong across the fields. `secrets` are those that are typed or stored."""
    wanted = PORTS.get(str(values["port"]))
    if wanted and values["security"] not in (wanted, "none"):
        words = "TLS from the start" if wanted == "tls" else "STARTTLS"
        yield FieldProblem(
            "security", f"Port {values['port']} goes with {words}. Choose that, or another port."
        )
    if values["protocol"] == POP3 and values["after"] not in (KEEP, DELETE):
        yield FieldProblem("after", "POP3 can only keep or delete a mail. Choose one of these, or IMAP.")
    if values["after"] == MOVE and not values["move_to"]:
        yield FieldProblem("move_to", "The folder to move to is missing. Type its name.")
    if values["after"] == MOVE and values["move_to"] == values["folder"]:
        yield FieldProblem("move_to", "This is the folder that mail is fetched from. Type another one.")
    if values["auth"] == "xoauth2":
        yield from _oauth(values, secrets)
    elif "password" not in secrets:
        yield FieldProblem("password", "The password is missing. Type it.")


def _oauth(values: Mapping[str, Value], secrets: frozenset[str]) -> Iterator[FieldProblem]:
    if "refresh_token" not in secrets:
        yield FieldProblem("refresh_token", "The refresh token is missing. Type it.")
    if not values["client_id"]:
        yield FieldProblem(
            "client_id",
            "The client ID is missing. The provider shows it where the application is registered.",
        )
    if not str(values["token_url"]).startswith("https://"):
        yield FieldProblem(
            "token_url", "The token address is missing or does not begin with https://. Type it."
        )
