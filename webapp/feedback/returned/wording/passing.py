"""It may go another time: an account that sleeps, a server in trouble, a mail that waits."""

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
gesperrt|deaktiviert|d[eé]sactiv|inactif|desactivad|inativ|bloquead|disattivat|заблокирован|отключен|停用|禁用
冻结|凍結|無効|利用停止
"""

SERVER = r"""
unavailable
(?:socket|network) error
accept our requests to connect
timed? ?out
connection (?:was |has been )?(?:refused|reset|lost|closed|dropped|failed)
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
system (?:error|failure|problem|resources|config|call)
configur
internal (?:error|server)
local (?:error|configuration)
resource
i/o error
can.?t (?:create|open|write|accept)
cannot (?:create|open|write|accept)
unable to (?:create|open|write)
failed to (?:create|open|write)
program
maildrop
look-?up (?:failure|failed|error)
queue file
x-unix
procmail
exit (?:code |status )?\d+
resolve route
could not load
encountered an error
error (?:occurred|while)
try to re-?send
mailer (?:error|returned)
pipe
command (?:died|failed|output|not)
service (?:not available|unavailable)
temporar
overloaded
too busy
out of memory
file system
file too large
permission denied
transmission failure
could not find a gateway
"""

TIME = r"""
retry (?:time|timeout|limit)
(?:all|multiple|several|numerous|many) (?:\S+ )?(?:retries|attempts|hosts have been failing)
been failing for a long time
delivery (?:time )?expired
message expired
has expired
was aborted after
too old
maximum (?:queue|time|retr|delivery attempts)
queue (?:time|period)
queuetime
in the queue too long
time ?out exceeded
still undelivered
unable to deliver this message after
giving up
gave up
not (?:yet )?been (?:delivered|collected)
(?:couldn.t|could not) be delivered (?:for|within)
has been delayed
been undeliverable
will (?:keep|continue|retry|be retried)
try again
delivery failed \d+ attempts
"""

MESSAGE = r"""
bad sequence
syntax error
unimplemented
protocol
not supported
not allowed
check failed
not unique
ambiguous
multiple (?:matches|addresses)
8-?bit
malformed
bare (?:lf|cr)
invalid (?:header|message|mime|character)
header
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
bounced
mismatch
violation
"""

UNSURE = r"""
not found,? (?:\S+ )?try again
temporary (?:lookup|dns|name ?server|resolution) (?:failure|error)
"""

WARNING = r"""
warning: (?:could not send|message)
not yet been delivered
has been delayed
is delayed (?:for|by)
delivery (?:is |has been )?delayed
delivery status notification \(delay\)
will (?:keep|continue) trying
will continue to (?:try|be)
do not need to re-?send
still being retried
no action is required on your part
this is a warning message only
only a temporary failure
delayed mail
will be retried
delivery attempts will continue
temporarily delayed
zustellung verz[oö]gert|verz[oö]gerte zustellung
livraison (?:\S+ )?retard[eé]e|entrega (?:\S+ )?(?:retrasada|demorada|atrasada)|consegna (?:\S+ )?ritardata
доставка (?:\S+ )?(?:задержана|отложена)|opó[zź]nion
"""
