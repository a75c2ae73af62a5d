"""The person or the domain is not there: hard."""

PERSON = r"""
(?:user|account|recipient|mailbox|address|addressee|person|customer|name|login|id|member|
    local ?part|e-?mail)(?: \S+){0,6}? (?:is |was |are )?(?:unknown|un ?known|not known|not ?found|
    unrecogni[sz]ed|nonexist\w*|non-exist\w*|invalid|undefined|illegal|not exist)
(?:unknown|invalid|no such|nonexistent|non-existent|non existent|unrecogni[sz]ed|illegal|undefined|bad|
    not a valid|no valid|incorrect|wrong) (?:\S+ ){0,3}?(?:user|users|userid|username|recipient|
    recipients|account|mailbox|address|addressee|person|customer|local ?part|login|alias|name|
    destination|virtual|email|e-mail|mail drop|rcpt|id)\b
(?:does|did|do|doesn.t|don.t|didn.t|could|can|was|were|is|are|has|have)(?: ?not|
    n.t)? (?:currently )?(?:exist|listed in|list(?:ed)? (?:here|in)|
    have an? (?:\S+ )?(?:account|mailbox)|a known|a valid|a local|our customer|found in)
(?:doesn.?t|does not|do not|don.t|not) (?:have|know|recogni[sz]e)(?: \S+){0,4} (?:account|mailbox|
    user|recipient|address|that name|by that name)\b
not? (?:a )?(?:known |valid |local )?(?:mailbox|user|account|such (?:person|recipient)|one|
    body)(?: \S+){0,3} (?:here|by (?:that|this) name|with (?:that|this) name|at this address|named|
    found)
no (?:mailbox|account|user|recipient|one|mail ?box|e-?mail)(?: \S+){0,2} (?:here|by|with|named|
    found|called|for)
no (?:\S+ ){0,2}in (?:\S+ )?directory
no longer (?:\S+ ){0,4}(?:valid|exist\w*|here|at this|works|active here|with (?:us|the company)|on (?:the |this )?server)
no longer accepts? (?:e-?)?mail
no such (?:user|person|recipient|mailbox|account|address|name|local|one|alias)
no such\b(?! file)
there is no (?:one|user|such)
(?:isn.t|is not|not|not be|not present) (?:listed )?in (?:\S+ )?(?:directory|address book|user list|my (?:\S+ )?list)
not listed in
not our customer
there.s no
not an? (?:active|known|valid|local|existing|deliverable) (?:\S+ )?(?:user|account|address|mailbox|recipient)
(?:recipient|address|user) (?:is |was )?not (?:a )?(?:local|deliverable|ok\b|defined)
did not (?:exactly )?match (?:an?|any)
no match(?:es)?\b
user unknown
unknown user
bad[-_]?recipient
(?:^|\W)x\W{0,3} (?:is |was )?not found
not found (?:\S+ )?recipient
name is not recogni[sz]ed
unknown (?:recipient|address|mailbox)
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
cuda_nsu
addr_unknown
no recipient\b(?!s from)
all recipients refused as unknown
mailbox (?:\S+ )?(?:is )?(?:unavai\w+|not available|not present)
address error
bad destination
destination addresses? (?:were|was|is) unknown
delivery userid
badrcptto
recipient verify failed
address rejected: undeliverable
(?:couldn.t|could not|can.?t|cannot|wasn.t|was not) be found
(?:wasn.t|was not) found
unable to find recipient
user (?:\S+ )?missing
archived recipient
"""

GONE = r"""
has moved
user (?:has )?moved
address (?:has )?changed
has been replaced
mailbox (?:has )?moved
has left the
user.? no longer
account (?:has been )?(?:closed|deleted|removed|cancel\w*|terminated)
user (?:has been )?(?:deleted|removed)
mailbox (?:was |has been )?(?:deleted|removed|closed)
"""

DOMAIN = r"""
host (?:is )?unknown
unknown (?:host|domain)
domain (?:name )?(?:not found|does not exist|doesn.t exist|must exist|is (?:unknown|invalid)|unknown)
domain (?:\S+ )?(?:does not|doesn.t) exist(?!:)
(?:host or )?domain name not found
host not found
no such (?:domain|host)
nxdomain
couldn.t find any host
name or service not known
(?:invalid|illegal|unknown|bad) (?:host|domain)(?:/domain)? ?name
bad host
domain must resolve
no mail ?(?:host|server|exchanger)
(?:to|not) find a mail exchanger
no mx (?:record|host)s?
(?:name service|dns) error(?: for| \S+){1,4} host
unrouteable (?:mail )?domain
unroutable domain
all relevant mx records point to non-existent
recipient domain (?:\S+ ){0,3}(?:not|un\w+|invalid)
null ?mx
does(?: not|n.t) (?:accept|receive) e?-?mail(?! from| with)
domain does not (?:receive|accept)
domain is not (?:local|hosted)
unresolv\w+ (?:domain|host)
"""

OTHERS = r"""
unbekannt|existiert nicht|nicht (?:gefunden|bekannt|vorhanden|existent)
ung[uü]ltige (?:\S+ )?(?:adresse|empf)|kein (?:\S+ )?(?:postfach|benutzer|konto)
inconnue?|n.existe pas|introuvable|n.a pas [eé]t[eé] trouv|adresse (?:\S+ )?(?:invalide|incorrecte|erron[eé]e)
no existe|desconocid|inexistente|(?:no|ni) (?:se )?(?:ha |pudo )?encontr
direcci[oó]n (?:\S+ )?(?:inv[aá]lida|incorrecta|no v[aá]lida)
inesistente|non (?:esiste|trovat)|sconosciut|nessun utente|indirizzo (?:\S+ )?(?:errato|non valido)
n[aã]o (?:existe|encontrad|foi encontrad|localizad)|desconhecid|usu[aá]rio inv[aá]lido
onbekend|bestaat niet|niet gevonden|ongeldig adres
не существует|не найден|нет так|неизвест|не зарегистрирован
nieznan\w+|nie (?:istnieje|znaleziono|ma takie)|neexistuje|nenalezen|nezn[aá]m|nem (?:l[eé]tezik|tal[aá]l)
ismeretlen
finns (?:inte|ej)|hittades inte|ok[aä]nd|findes ikke|ukendt|finnes ikke|ukjent
ei (?:l[oö]ydy|ole olemassa)|tuntematon
bulunamad|mevcut de[gğ]il|ge[cç]ersiz|δεν (?:υπάρχει|βρέθηκε)|άγνωστ
見つかりません|存在しま|ありません|宛先不明|あて先不明|登録されていません|該当する.{0,12}ない
不存在|找不到|查无|查無|无此|無此|没有此|沒有此|未找到|不正确的.{0,4}地址
존재하지 ?않|찾을 수 없|없는 (?:사용자|계정|메일)|알 수 없는
"""
