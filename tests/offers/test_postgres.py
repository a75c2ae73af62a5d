"""The same on PostgreSQL: what differs between the databases is tried on the other one too."""

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.affiliates.test_postgres import environ
from tests.offers.conftest import Market
from webapp.affiliates.audience import count
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.imports.importing import check, take_in
from webapp.imports.mapping import guess
from webapp.imports.plan import Importer
from webapp.imports.reading import open_table
from webapp.offers.exporting import assignments, offers
from webapp.offers.kinds import ASSIGNMENTS, OFFERS
from webapp.offers.queries import SORTS, Wanted, WantedAssignments, by_state, matching
from webapp.offers.queries import assignments as listed
from webapp.offers.values import OfferValues, lacking

__all__ = ["environ"]
pytestmark = pytest.mark.postgres


def test_files_lists_values_and_audiences_work_on_postgresql(
    desk: Desk, market: Market, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    for kind, text, pieces in (
        (OFFERS, "cid,name,payout\n3071,Solar EU,25\n9,Nine,\n", offers),
        (ASSIGNMENTS, "affiliate_id,cid,payout\n1,3071,26\n1,9,\n", assignments),
    ):
        for content, wanted in ((text, (1, 1)), (None, (0, 0))):
            with desk.reading() as session:
                path.write_text(content or "".join(pieces(session, everything=True)), newline="")
            table = open_table(path, kind.columns)
            mapping = guess(table.header, kind.columns)
            foreseen = check(desk.reading, table, mapping, kind, Importer())
            assert (foreseen.new, foreseen.changed, foreseen.refused) == (*wanted, 0)
            list(take_in(desk.session, table, mapping, kind, Importer()))
    with desk.reading() as session:
        market.cleo.rights = ["view_all_offers", "view_all_affiliates", "view_affiliate_details"]
        for sort in SORTS:
            assert len(session.scalars(matching(market.cleo, Wanted(search="e", sort=sort))).all()) == 3
        wanted = WantedAssignments(search="ana", sort="affiliate")
        assert len(session.scalars(listed(market.cleo, wanted)).all()) == 2
        assert by_state(session, market.cleo, WantedAssignments()) == {"approved": 3, "requested": 1}
        values = OfferValues().load(session, [market.plain.id], "3071")[market.plain.id]
        assert values["offerpayout"] == "$26.00"
        missing = select(Affiliate.id).where(lacking(market.solar, "trackingurl"))
        assert session.scalars(missing).all() == [market.waiting.id]
        assert count(session, "without:9-my.offer:3071", market.cleo) == 2
