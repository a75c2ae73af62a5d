"""Who wrote this: a person, a machine that answers for a person, or a mail server?"""

import re
from collections.abc import Sequence

from webapp.feedback.returned import addresses
from webapp.mail.mime import Headers, Part, decoded

AWAY = re.compile(
    r"out of (?:the )?office|auto(?:matic|mated|matisch\w*|matiska?|"
    r"m[aá]tic[ao])?[ :-]{0,3}(?:re(?:ply|sponse|spond\w*)|antwort|answer)|automatic reply|"
    r"autoreply|auto:|\bvacation|on (?:holiday|leave)|away from (?:my|the)|abwesen|"
    r"nicht im (?:b[uü]ro|haus)|absen[ct]e|\babsent\b|absent du bureau|r[eé]ponse automatique|"
    r"absence du bureau|respuesta autom|fuera de (?:la )?oficina|ausencia|risposta automatica|"
    r"urlaub|au(?:ß|ss)er haus|en cong[eé]|de vacaciones|in ferie|em f[eé]rias|automatiska atbilde|prombūtn|休暇|休假|외출|부재|"
    r"fuori (?:sede|ufficio)|resposta autom|fora do escrit|ausente|afwezig|automatisch antwoord|"
    r"fr[aå]nvar|autosvar|automatisk svar|frav[aæ]r|automaattinen vastaus|poissa|"
    r"automatyczna odpowied|poza biurem|nieobecno|автоответ|автоматический ответ|отсутств|"
    r"нет на месте|自動応答|自動返信|不在|自动(?:回复|答复)|automatikus v[aá]lasz|automatick[aá] odpov|"
    r"otomatik yan[iı]t|ofis d[iı][sş][iı]nda",
    re.IGNORECASE,
)
RETURNED = re.compile(
    r"undeliver|un-?deliverable|non.?deliver|non remis|not delivered|delivery (?:status|failure|"
    r"fail|notification|report|error|problem|delayed|has|attempt|incomplete|unsuccessful)|"
    r"(?:mail|message|e-?mail)(?: \S+){0,3} (?:delivery|failure|failed|returned|undeliver|"
    r"delayed|error)|failure notice|returned (?:mail|e-?mail|to sender|message)|return(?:ed|"
    r"ing)? (?:mail|message|to sender)|could ?n.t be (?:delivered|sent)|(?:not|"
    r"n.t)(?: be)? (?:able to|been|be) (?:deliver|send|sent)|(?:been|be) returned|"
    r"permanent error|error (?:sending|delivering|while)|processing error|could not (?:be )?(?:send|deliver|delivered|sent)|"
    r"cannot (?:be )?(?:send|deliver|delivered)|unable to deliver|failed (?:mail|delivery|"
    r"message)|mail system error|status report|bounced?\b|nondeliverable|rejected|"
    r"warning:? (?:could not|message|e-?mail)|delayed (?:mail|delivery)|invalid (?:recipient|"
    r"address)|user unknown|nicht zustellbar|unzustellbar|zustell\w*|[eé]chec|non remis|"
    r"non distribu|no entregad|no se puede entregar|error de entrega|devuelto|"
    r"mancat\w* (?:consegna|recapito)|impossibile recapitare|n[aã]o entreg|falha|devolvid|"
    r"onbestelbaar|niet bezorgd|niedostarcz|nie dor[eę]czon|недоставлен|не доставлен|возвра|"
    r"не удалось доставить|エラー|送信できません|配信|送達|退信|退回|投递失败|kan inte leverera|olevererbart|"
    r"ikke leveres|kunne ikke|toimittamatta",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"(?:click|follow|visit|reply|respond)[^.]{0,120}(?:to (?:have your (?:address|message|e-?mail)|prove|release)|"
    r"allowed list|approved (?:sender|list)|white ?list|you are (?:a )?(?:human|person))|"
    r"your (?:e-?mail|message) (?:is being|will be|has been|is) held|challenge.{0,3}response|"
    r"(?:e-?mail|message) (?:requires|needs) (?:confirmation|verification|approval)",
    re.IGNORECASE,
)
DAEMON_NAMES = re.compile(
    r"mail.?er.?daemon|mail deliver|delivery (?:sub)?system|system administrator|"
    r"mail administrator|mail system|post ?master|mailer-?daemon|internet mail|delivery service|"
    r"mail router|system attendant|microsoft (?:outlook|exchange)|mail ?delivery",
    re.IGNORECASE,
)
ANSWERING = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply-from",
    "x-vacation",
    "x-mail-autoreply",
    "x-autoreply-from",
    "x-apple-action",
)


def is_receipt(parts: Sequence[Part]) -> bool:
    """A program tells what became of the mail with its reader (RFC 8098): read, or deleted.

    Some filters refuse mail by it, too (RFC 5429), and say so in the subject.
    """
    return any(part.type == "message/disposition-notification" and not part.original for part in parts)


def is_reply(headers: Headers) -> bool:
    """An automatic answer (RFC 3834 and what came before it)."""
    of = dict(headers)
    submitted = of.get("auto-submitted", "no").lower()
    precedence = of.get("precedence", "").lower()
    told = submitted.startswith(("auto-replied", "auto-generated", "auto-notified"))
    by_header = any(of.get(name, "").lower() not in ("", "no") for name in ANSWERING)
    by_subject = bool(AWAY.search(decoded(of.get("subject", ""))))
    return told or by_header or precedence in ("auto_reply", "auto-reply", "autoreply") or by_subject


def wants_no_answer(headers: Headers) -> bool:
    """Whether its envelope sender is empty, as programs write theirs (RFC 3834, section 3.3)."""
    return dict(headers).get("return-path", "-").strip() in ("<>", "")


def is_personal(headers: Headers) -> bool:
    """Whether nothing tells a mailing list or a program: only a person's words are kept as a reply (RFC 3834, RFC 2919)."""
    of = dict(headers)
    bulk = of.get("precedence", "").lower() in ("bulk", "junk", "list")
    by_program = of.get("auto-submitted", "no").strip().lower() != "no"
    return not (bulk or by_program or "list-id" in of or "list-unsubscribe" in of)


def asks_to_prove(text: str) -> bool:
    """Whether somebody's filter holds the mail back until its sender proves to be a person."""
    own = " ".join(line for line in text[:4_000].split("\n") if not line.startswith(">"))
    return bool(CHALLENGE.search(" ".join(own.split())[:600]))


def is_away(headers: Headers) -> bool:
    """Whether its subject alone tells an answering machine."""
    return bool(AWAY.search(decoded(dict(headers).get("subject", ""))))


def is_from_server(headers: Headers) -> bool:
    """Whether a mail server wrote it: by its name, or because it wants no answer."""
    of = dict(headers)
    sender = decoded(of.get("from", ""))
    address = next(addresses.found_in(sender), sender.strip(" <>"))
    if wants_no_answer(headers) or "x-failed-recipients" in of:
        return True
    return not sender.strip(" <>") or addresses.is_daemon(address) or bool(DAEMON_NAMES.search(sender))


def tells_failure(text: str) -> bool:
    """Whether a subject, or a text, says that a mail did not arrive."""
    return bool(RETURNED.search(text))
