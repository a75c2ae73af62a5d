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
banned
no valid recipients from
"""

CONTENT = r"""
virus
infected
malware
phish
dangerous attachment
executable
reject(?:ed)? (?:\S+ ){0,2}content
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
rcpthost
"""

RATE = r"""
too many (?:connections|recipients|rcpt|errors|hops|sessions|invalid|bad)
maximum (?:number of )?(?:\S+ )?connection
rate limit
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
sender (?:address )?(?:rejected|denied|refused|verif|blocked|not (?:allowed|accepted))
(?:unknown|invalid|bad) sender
sender (?:domain|user|id\b)
domain of sender
mail from
return.?path
from(?: address|: domain)
envelope.?from
sender is (?:not|unknown)
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
refusé|trop volumineux|ind[eé]sirable
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
