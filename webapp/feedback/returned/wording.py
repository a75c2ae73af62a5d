"""What the mail servers of the world say, sorted by what it means. All lower case, blanks single; one a line, the order is free.

One more wording: put it into the table of its meaning. Words that could also stand in a harmless explanation do not belong here.
"""

import re
from re import Pattern

# Never the address's fault, whatever code stands beside it.
NOT_THE_ADDRESS = r"""
over ?quota
quota exceed
exceed(?:s|ed|ing)? (?:\S+ ){0,4}(?:quota|storage|disk)
(?:mail ?)?box(?: \S+){0,3} (?:is )?full
mailbox_?full
mailfolder is full
mailbox exceeds
insufficient (?:system )?(?:storage|disk)
not enough (?:storage|disk|space)
out of (?:disk )?space
quota (?:has been )?(?:reached|full|violation)
mailbox (?:size )?limit
storage (?:limit|allocation)
disk quota
user's? disk
account is full
inbox is full
too many (?:mails|messages) (?:in|on)
no space left
quotaexceeded
quota usage
box aux lettres pleine
postfach (?:ist )?voll
buz[oó]n (?:est[aá] )?lleno
casella (?:\S+ )?piena
переполнен
一杯
grey ?-?list
gray ?-?list
try again later
try later
temporar(?:y|ily) (?:reject|defer|block|fail|unavail)
please retry
retry later
come back later
spam
blacklist
block ?list
black ?hole
dnsbl
rbl\b
spamhaus
spamcop
sorbs
barracuda
senderbase
ironport
cloudmark
brightmail
reputation
bulk mail
unsolicited
junk ?mail
uribl
surbl
virus
infected
malware
phish
dangerous attachment
executable
(?:message|mail|attachment)s?(?: \S+){0,3} too (?:large|big|long)
size (?:limit )?exceed
exceeds? (?:\S+ ){0,5}(?:size|length)
message size
maximum (?:message |allowed )?size
size limit
too large
relay(?:ing)?(?: \S+){0,2} (?:denied|not permitted|not allowed|prohibited|is prohibited|disallowed|disabled)
unable to relay
cannot relay
not (?:permitted|allowed) to relay
no relay
relay access
we do not relay
relay not
open relay
rcpthosts
too many (?:connections|recipients|rcpt|errors|hops|sessions|invalid|bad)
rate limit
too fast
too frequently
throttl
excessive
sending rate
hop count
mail loop
loops? back to myself
routing loop
loop detected
sender (?:address )?(?:rejected|denied|refused|verif|blocked|not (?:allowed|accepted))
(?:unknown|invalid|bad) sender
sender (?:domain|user)
domain of sender
mail from
return.?path
from address
envelope.?from
sender is (?:not|unknown)
spf
dkim
dmarc
authenticat
sender id\b
reverse dns
rdns
\bptr\b
helo
ehlo
client host
your (?:ip|host|server|mail server|domain)
invalid dns mx
hostname
unresolvable
must issue a starttls
tls
polic(?:y|ies)
prohibited
not authori[sz]ed
unauthori[sz]ed
permission
administrative
access denied
refused by
security
\bblocked\b
banned
reject(?:ed)? (?:\S+ ){0,2}content
content (?:\S+ ){0,3}reject
not accepting (?:mail|messages) from
only accept
restricted
whitelist
white ?list
challenge
confirm(?:ation)? (?:required|your)
"""

# The person or the domain isn't there.
NO_SUCH_ADDRESS = r"""
(?:user|account|recipient|mailbox|address|addressee|person|customer|name|login|id|member|
    local ?part|e-?mail)(?: \S+){0,6}? (?:is |was |are )?(?:unknown|un ?known|not known|not ?found|
    unrecogni[sz]ed|nonexist\w*|non-exist\w*|invalid|undefined|illegal)
(?:unknown|invalid|no such|nonexistent|non-existent|non existent|unrecogni[sz]ed|undeliverable|
    illegal|undefined|bad|not a valid|no valid|incorrect|wrong) (?:\S+ ){0,3}?(?:user|users|recipient|
    recipients|account|mailbox|address|addressee|person|customer|local ?part|login|alias|name|
    destination|virtual|email|e-mail|mail drop|rcpt|id\b)
(?:does|did|do|doesn.t|don.t|didn.t|could|can|was|were|is|are|has|have)(?: ?not|
    n.t)? (?:currently )?(?:exist|listed in|list(?:ed)? (?:here|in)|like recipient|
    have an? (?:\S+ )?(?:account|mailbox)|a known|a valid|a local|our customer|found in)
(?:doesn.t|does not|do not|don.t|not) (?:have|know|recogni[sz]e)(?: \S+){0,4} (?:account|mailbox|
    user|recipient|address|that name|by that name)
not? (?:a )?(?:known |valid |local )?(?:mailbox|user|account|such (?:person|recipient)|one|
    body)(?: \S+){0,3} (?:here|by (?:that|this) name|with (?:that|this) name|at this address|named|
    found)
no (?:mailbox|account|user|recipient|one|mail ?box|e-?mail)(?: \S+){0,2} (?:here|by|with|named|
    found|called|for)
no longer (?:\S+ ){0,4}(?:valid|exist\w*|here|at this|works|active here|with (?:us|the company))
no such
there is no (?:one|user|such)
not listed in
not our customer
there.s no
user unknown
unknown user
bad_recipient
name is not recogni[sz]ed
unknown recipient
unknown address
unknown mailbox
user_unknown
usernotfound
recipnotfound
recipient (?:address )?rejected: (?:user|unknown|undeliverable|no such|address)
recipientnotfound
unknown or illegal alias
unknown local
unrouteable address
unroutable address
unknown to (?:me|us|address)
unknown in\b
mailbox not found
user not found
cuda_nsu
addr_unknown
no recipient
all recipients refused as unknown
mailbox (?:is )?unavailable
mailbox not available
mailbox is not available
address error
bad destination
destination addresses? (?:were|was|is) unknown
delivery userid
badrcptto
invalid/non-existent
recipient is invalid
recipient verify failed
address rejected: undeliverable
couldn.t be found
could not be found
can.?t be found
wasn.t found
was not found
cannot be found
unable to find recipient
has moved
user (?:has )?moved
address (?:has )?changed
mailbox (?:has )?moved
has left the
user.? no longer
account (?:has been )?(?:closed|deleted|removed|cancel\w*|terminated)
user (?:has been )?(?:deleted|removed)
mailbox (?:was |has been )?(?:deleted|removed|closed)
host (?:is )?unknown
unknown host
unknown domain
domain (?:name )?(?:not found|does not exist|doesn.t exist|is (?:unknown|invalid)|unknown)
(?:host or )?domain name not found
host not found
no such (?:domain|host)
nxdomain
couldn.t find any host
name or service not known
invalid host ?name
bad host
domain must resolve
no mail ?(?:host|server|exchanger)
(?:name service|dns) error(?: for| \S+){1,4} host
unrouteable (?:mail )?domain
unroutable domain
all relevant mx records point to non-existent
recipient domain
null mx
nullmx
does not accept (?:mail|e-?mail)
domain does not (?:receive|accept)
domain is not (?:local|hosted)
unresolv\w+ (?:domain|host)
unbekannt
existiert nicht
nicht gefunden
nicht bekannt
inconnue?
n.existe pas
introuvable
no existe
desconocid
no (?:se )?(?:ha )?encontr
inesistente
non esiste
sconosciut
n[aã]o existe
n[aã]o encontrad
inexistente
onbekend
bestaat niet
niet gevonden
не существует
не найден
нет такого
nieznan\w+
nie istnieje
nie ma takiego
見つかりません
存在しま
不存在
neexistuje
ismeretlen
finns inte
findes ikke
"""

# Somebody had an account here and may have it again: no reason to give up the address.
ASLEEP = r"""
disabled
discontinued
inactive
not active
isn.t active
suspend
frozen
locked
expired account
account (?:has )?expired
deactivated
on hold
not currently being accepted
extended inactivity
temporarily
"""

# The mail could not go, for a reason of its own or of the server.
NOT_NOW = r"""
unavailable
timed? ?out
connection (?:refused|reset|lost|closed|dropped|failed)
refused connection
could not connect
couldn.t connect
cannot connect
network (?:is )?unreachable
no route
unreachable
host (?:is )?(?:down|not responding)
did not respond
not responding
broken pipe
conversation with
lost connection
communication (?:failure|error)
connect to
retry (?:time|timeout|limit)
delivery (?:time )?expired
message expired
has expired
too old
maximum (?:queue|time|retr)
queue ?time
time ?out exceeded
still undelivered
unable to deliver this message after
giving up
gave up
not yet been delivered
couldn.t be delivered for
been undeliverable
will (?:keep|continue|retry|be retried)
system (?:error|failure|problem|resources|config)
configuration
internal (?:error|server)
local (?:error|configuration)
resource
i/o error
can.?t (?:create|open|write|accept)
cannot (?:create|open|write|accept)
unable to (?:create|open|write)
failed to (?:create|open|write)
program
pipe
command (?:died|failed|output|not)
service (?:not available|unavailable)
temporar
overloaded
too busy
try again
bad sequence
syntax error
unimplemented
protocol
not supported
8-?bit
malformed
bare (?:lf|cr)
invalid (?:header|message|mime|character)
header
out of memory
file system
file too large
permission denied
cannot be delivered due to
not be processed
transaction failed
message (?:was )?(?:rejected|refused|not accepted|discarded|filtered|blocked)
contents?\b
error accessing
insufficient
rejected
refused
denied
filter
declined
held
delivery failed \d+ attempts
"""

WARNING = r"""
warning: (?:could not send|message)
not yet been delivered
has been delayed
delivery (?:is |has been )?delayed
delivery status notification \(delay\)
will (?:keep|continue) trying
will continue to (?:try|be)
you do not need to resend
still being retried
no action is required on your part
this is a warning message only
delayed mail
will be retried
delivery attempts will continue
temporarily delayed
zustellung verz[oö]gert
"""


def _table(text: str) -> Pattern[str]:
    """One wording a line; a line that is set in goes on with the one before."""
    return re.compile("|".join(text.strip().replace("\n    ", "").splitlines()))


not_the_address = _table(NOT_THE_ADDRESS).search
no_such_address = _table(NO_SUCH_ADDRESS).search
is_asleep = _table(ASLEEP).search
not_now = _table(NOT_NOW).search
is_warning = _table(WARNING).search
