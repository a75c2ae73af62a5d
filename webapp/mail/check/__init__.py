"""Judges a finished mail before it leaves, by its bytes alone. Pure: no database, no network, no scorer."""

from webapp.mail.check.checking import Checked, check, refuses
from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Evidence, Finding
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import Rule
from webapp.verdict import Verdict

__all__ = ["Checked", "Circumstances", "Evidence", "Finding", "Mail", "Rule", "Verdict", "check", "refuses"]
