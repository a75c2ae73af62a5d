"""The same on PostgreSQL: what differs between the databases is tried on the other one too."""

import pytest

from tests.affiliates.conftest import Network, network
from tests.affiliates.test_importing import bring
from webapp.affiliates.audience import count
from webapp.affiliates.exporting import export
from webapp.affiliates.queries import Wanted, in_order, last_mails, matching
from webapp.affiliates.values import AffiliateValues
from webapp.desk import Desk

__all__ = ["bring", "network"]
pytestmark = pytest.mark.postgres


@pytest.fixture
def environ(environ: dict[str, str], postgres_url: str) -> dict[str, str]:
    return environ | {"OFFERPOST_DATABASE_URL": postgres_url}


def test_an_import_an_export_and_a_search_work_on_postgresql(
    desk: Desk, network: Network, bring: object
) -> None:
    text = "affiliate_id,email,company,group\n10001,q@r.example,Brightpath,Garden\n9,n@n.example,=1,garden\n,z@z.example,,\n"
    assert bring(text).counts == {"rows": 3, "new": 2, "changed": 1, "same": 0, "refused": 0, "missing": 4}  # type: ignore[operator]
    assert bring(text).same == 3  # type: ignore[operator]
    network.mara.rights = ["view_all_affiliates", "view_affiliate_details"]
    with desk.reading() as session:
        assert "".join(export(session)).count("\r\n") == 8
        for sort, few in (("name", True), ("-number", False), ("added", False)):
            ids = session.scalars(matching(network.mara, Wanted(search="BRIGHT", sort=sort, few=few))).all()
            found = in_order(session, ids)
            assert [each.affiliate_id for each in found] == ["10001"]
            assert last_mails(session, found) == {}
        assert AffiliateValues().load(session, ids)[ids[0]]["affiliate.groupname"] == "Garden"
        assert count(session, "all-my", network.tom) == 4
