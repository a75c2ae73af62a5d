"""The mailbox is full: soft, whatever code stands beside it."""

ENGLISH = r"""
over(?: ?| (?:\S+ ){1,3})quota
quota (?:has been )?(?:exceed|reached|full|violat|limit)
(?:exceed(?:s|ed|ing)?|over|above|beyond) (?:\S+ ){0,4}(?:quota|storage|disk|mailbox size)
(?:mail ?)?(?:box|folder|drop)(?: \S+){0,3} (?:is )?(?:full|size limit)
(?:a|his|her|its|their|your|the) full (?:mail|in)?box
(?:account|inbox|mailbox|maildir|user|recipient|disk|file ?system|store)(?:'s)? (?:is |has been )?
    (?:\S+ )?(?:over ?full|full\b|overdrawn)
mailbox_?full
\bfull mailbox
space (?:has been |is )?used up
mail system (?:is )?full
mailbox exceed
(?:mailbox|quota) (?:\S+ ){0,2}reached (?:its|the|his) (?:\S+ )?(?:limit|quota|maximum)
insufficient (?:\S+ ){0,2}(?:storage|space|disk)
enough (?:\S+ ){0,2}(?:storage|disk|space|room)
space (?:is )?not enough
(?:out of|no|lack of|low on) (?:\S+ ){0,2}(?:space|room)\b
storage (?:limit|allocation)
mailbox limit
disk (?:\S+ )?quota
user's? disk
too (?:many|much) (?:mails?|messages)(?: data)? (?:in|on|for|stored|data)
number of messages (?:\S+ ){0,3}(?:mail)?box (?:has )?exceed
too much mail\b
quota ?(?:exceeded|usage|full)
exceeded (?:\S+ )?(?:allocation|allotment|allowance)
"""

OTHERS = r"""
bo[iî]te (?:\S+ ){0,6}(?:pleine|satur)
quota (?:\S+ ){0,2}(?:d[eé]pass|atteint|erreicht|[uü]berschr|superad|excedid|superat|overschr|przekrocz)
espace (?:\S+ ){0,2}insuffisant
(?:postfach|mailbox|postkorb|konto|speicher)(?: \S+){0,4} (?:voll|[uü]berf[uü]llt|ersch[oö]pft)
(?:speicher\w*|kontingent|gr[oö](?:ß|ss)en\w*)(?: \S+){0,3} (?:[uü]berschritten|ersch[oö]pft|aufgebraucht)
(?:buz[oó]n|casilla|mailbox|bandeja|cuenta)(?: \S+){0,3} llen[oa]
(?:sin|falta de) espacio
superad[oa] (?:la|su) cuota
casella (?:\S+ ){0,4}(?:piena|esaurit)
spazio (?:\S+ ){0,2}(?:insufficiente|esaurito)
(?:caixa|mailbox)(?: \S+){0,4} chei[oa]
sem espa[cç]o
(?:postbus|mailbox|brievenbus)(?: \S+){0,4} vol\b
skrzynk\w+(?: \S+){0,4} (?:pe[lł]n|przepe[lł]nion)
schr[aá]nka(?: \S+){0,3} pln[aá]
(?:posta|kutu)\S*(?: \S+){0,3} dolu
megtelt
(?:brevl[aå]da|postl[aå]da|inkorg|postkasse|indbakke|innboks)\w*(?: \S+){0,3} (?:[aä]r |er )?(?:full|fuld)
t[aä]ynn[aä]
переполнен
превышен\w*(?: \S+){0,3} (?:квот|лимит|размер\w* ящик)
нет (?:\S+ )?места
一杯|いっぱい|容量(?:を|が)?(?:超|オーバー|不足)|ディスク容量
已满|已滿|空间不足|空間不足|超过.{0,6}容量|容量已?(?:满|超)
용량.{0,6}초과|가득
"""
