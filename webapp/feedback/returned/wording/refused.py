"""Somebody did not want this mail, its sender, its size or its way: not the address's fault, so soft."""

LATER = r"""
try again later
try later
temporar(?:y|ily) (?:reject|defer|block|fail|unavail)
please retry
retry later
come back later
gr[ea]y ?-?list
"""

REPUTATION = r"""
spam
bulk (?:e-?)?mail
unsolicited
unwanted
junk ?mail
black ?list
block ?list
black ?hole
dnsbl
rbl\b
sorbs
barracuda
senderbase
ironport
cloudmark
brightmail
reputation
bad ip
uribl
surbl
\bblocked\b
\brly:
\bspm\b
banned
no valid recipients from
"""

CONTENT = r"""
virus
infected
malware
phish
(?:dangerous|illegal|forbidden) attachment
not accept messages
executable
reject(?:ed)? (?:\S+ ){0,2}content
line (?:length )?limit
(?:messages?|mails?) without
content (?:\S+ ){0,3}(?:reject|not (?:allowed|permitted|accepted))
(?:message|mail|attachment)s?(?: \S+){0,3} too (?:large|big|long)
size (?:limit )?exceed
exceeds? (?:\S+ ){0,5}(?:size|length)
message size
maximum (?:message |allowed )?size
(?<!mailbox )size limit
too large
taille (?:\S+ ){0,3}(?:message|maximale|limite)
"""

RELAY = r"""
relay(?:ing)?(?: \S+){0,2} (?:denied|not permitted|not allowed|prohibited|is prohibited|disallowed|disabled)
(?:unable to|cannot|no|as a|open) relay
not (?:permitted|allowed) to relay
relay access
we do not relay
relay not
not a (?:relay|gateway|backup)
insecure (?:\S+ )?relay
relaying (?:\S+ )?to
handle mail for
rcpthost
"""

RATE = r"""
too many (?:smtp |concurrent |simultaneous )?(?:connections|recipients|rcpt|errors|hops|sessions|invalid|bad)
maximum (?:number of )?(?:\S+ )?connection
rate limit
connection limit
(?:e-?)?mails per (?:minute|hour|day)
too fast
too frequently
throttl
excessive
sending rate
unusual rate
hop count
\bloop(?:s|ed|ing)?\b(?! was found in the recipient)
"""

SENDER = r"""
accept e?-?mail from
sender (?:address )?(?:is )?(?:rejected|denied|refused|verif|blocked|not (?:allowed|accepted|permitted))
(?:unknown|invalid|bad|unroutable|unresolvable) sender
sender (?:domain|user|id\b)
domain of sender
mail from
return.?path
from(?: address|: domain)
envelope.?from
sender is (?:not|unknown)
envelope senders?
dead domain
authenticat
spf
dkim
dmarc
batv
verification fail
"""

HOST = r"""
reverse dns
rdns
\bptr\b
[eh][eh]lo\b
client (?:host|ip)
your (?:ip|host|server|mail server|domain|address|isp)
(?:server|relay) of your (?:isp|provider)
invalid dns mx
go away
dynamic ip
open proxy
no access
(?:invalid|sending|blocked) ips?\b
not (?:allowed|permitted) to (?:connect|post|send)
(?:host|ip|server|network)(?: \S+){0,4} (?:not allowed|not permitted|listed (?:as|at|in|on|by))
fully qualified
mx records? (?:for|of)
initial connection
can.?t determine
hostname
unresolvable
cannot (?:resolve|find) your
must issue a starttls
\btls
rfc \d+ (?:violation|ignorant)
"""

POLICY = r"""
polic(?:y|ies)
organi[sz]ational settings
prohibited
not authori[sz]ed
unauthori[sz]ed
permission
administrative
access denied
refused by
security
only accepts?\b
not (?:accepted|allowed) (?:here|by)
not accepting (?:\S+ )?connections
refuses? to (?:receive|accept)
(?:non-?|not a )member
(?:members?|subscribers?)[ -]only
low priority
mailing list
not subscribed
pre-?approved
backscatter
third-party
resolver\.rst
not accepting (?:\S+ )?(?:mail|messages)
restricted
white ?list
protected by
challenge
captcha
confirm(?:ation)? (?:required|your)
"""

OTHERS = r"""
als spam|abgelehnt|verweigert|zu gro(?:ß|ss)|richtlinie
refusé|[eé]metteur|authentification|trop de connexions|trop volumineux|ind[eé]sirable
rechazad|demasiado grande|denegad|correo no deseado
recusad|rejeitad|muito grande|pol[ií]tica
rifiutat|respint|troppo grande
geweigerd|te groot
odrzucon|zbyt du[zż]
отклонен|спам|слишком больш
迷惑メール|拒否|サイズ(?:が|を)?(?:大き|超)
拒绝|拒絕|垃圾|病毒|过大|太大
수신 ?거부|스팸
"""
