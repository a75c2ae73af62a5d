"""Work in the background can be told apart by people."""

from webapp.desk import Desk
from webapp.setbacks.listing import LABELS


def test_every_job_has_a_name_that_people_understand(desk: Desk) -> None:
    assert set(desk.jobs._jobs) == set(LABELS), "name the job in webapp/setbacks/listing.py"
