"""A score as spam filters give it, and what it means before sending."""

from dataclasses import dataclass

from webapp.mail.check import Finding
from webapp.mail.check.finding import seen
from webapp.verdict import Verdict

DOUBTFUL, SPAM = 2.0, 5.0  # points of SpamAssassin, of which 5 is what most receivers call spam
REMEDY = "Change what the filter names, then check again."
SHOWN = 5


class NoScore(Exception):
    """A filter gave no answer that can be used; the message says why."""


@dataclass(frozen=True)
class Score:
    """`said` are its reasons with their points, `spam` where this filter begins to call mail spam."""

    scorer: str
    points: float
    said: tuple[tuple[float, str], ...]
    spam: float = SPAM


def judged(score: Score) -> Finding:
    """Pass below two fifths of what the filter calls spam, fail from there on."""
    words = f"{score.scorer} gives {score.points + 0.0:.1f} points; {score.spam:g} are spam."
    reasons = sorted((one for one in score.said if one[0] > 0), reverse=True)[:SHOWN]
    places = tuple(seen(score.scorer, 0, f"{points:+.1f} {why}") for points, why in reasons)
    if score.points >= score.spam:
        return Finding(Verdict.FAIL, words, REMEDY, places)
    if score.points >= score.spam * DOUBTFUL / SPAM:
        return Finding(Verdict.WARN, words, REMEDY, places)
    return Finding(Verdict.PASS, words, "", places)
