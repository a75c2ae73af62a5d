"""`offerpost template`, and messages that begin with one."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tests.mail_templates.documents import OWN_DESIGN
from tests.network import MakeAffiliate
from webapp.broadcasts.models import Broadcast
from webapp.cli import main
from webapp.desk import Desk
from webapp.mail_templates import queries


def run(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environ)


def test_the_list_names_system_and_own_templates(environ: dict[str, str], network: Desk) -> None:
    found = {one["slug"]: one for one in json.loads(run(environ, "template", "list", "--json").stdout)}
    assert found["application_approved"]["system"] is True
    assert found["application_approved"]["changed"] is False
    assert "application_approved" in run(environ, "template", "list").stdout


def test_lint_says_line_token_reason_and_suggestion(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "mail.html"
    file.write_text("<p>Hi</p>\n[=Affiliate.FistName=] earns [=OfferPayout=]")
    done = run(environ, "template", "lint", str(file), "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {
        "problems": [
            {
                "line": 2,
                "token": "[=Affiliate.FistName=]",
                "reason": "is not a token.",
                "suggestion": "Did you mean [=Affiliate.FirstName=]?",
            }
        ]
    }
    assert (
        "Line 2: [=Affiliate.FistName=] is not a token." in run(environ, "template", "lint", str(file)).stdout
    )


def test_lint_knows_what_a_kind_of_mail_lacks(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "mail.html"
    file.write_text("[=OfferPayout=]")
    assert run(environ, "template", "lint", str(file)).exit_code == 0
    assert run(environ, "template", "lint", str(file), "--context", "offer").exit_code == 0
    done = run(environ, "template", "lint", str(file), "--context", "message")
    assert done.exit_code == 1
    assert "belongs to an offer" in done.stdout


def test_lint_finds_nothing_in_a_sound_mail(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "mail.html"
    file.write_text(OWN_DESIGN)
    done = run(environ, "template", "lint", str(file), "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"problems": []})


def test_render_prints_the_mail_of_an_affiliate(
    environ: dict[str, str], network: Desk, affiliate: MakeAffiliate
) -> None:
    affiliate("Adtrail", affiliate_id="A-7", first_name="Dana")
    html = run(environ, "template", "render", "Payout Change", "--affiliate", "A-7").stdout
    assert "<p>Hi Dana,</p>" in html.replace('<p style="margin: 0 0 16px;">', "<p>")
    shown = json.loads(
        run(environ, "template", "render", "payout_change", "--affiliate", "A-7", "--json").stdout
    )
    assert shown["subject"] == "Solar Quotes US pays $24.00 from 1 December 2026"
    assert "Hi Dana" in shown["text"]
    refused = run(environ, "template", "render", "payout_change", "--affiliate", "nobody")
    assert refused.exit_code == 1
    assert "no affiliate with the number nobody" in refused.stderr


def test_a_broken_file_is_refused_with_its_line_and_stores_nothing(
    environ: dict[str, str], network: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "news.html"
    file.write_text("ok\n[=Nonsense=]")
    done = run(environ, "template", "import", str(file))
    assert done.exit_code == 1
    assert "Line 2: [=Nonsense=] is not a token" in done.stderr
    file.write_bytes(b"caf\xe9")
    assert "is not UTF-8" in run(environ, "template", "import", str(file)).stderr
    with network.reading() as session:
        assert all(one.system for one in queries.templates(session))


def test_all_templates_go_out_as_json_or_as_html_files(
    environ: dict[str, str], network: Desk, tmp_path: Path
) -> None:
    everything = json.loads(run(environ, "template", "export", "--all").stdout)
    assert everything["format"] == "offerpost-templates/1"
    run(environ, "template", "export", "--all", "--to", str(tmp_path / "mails"))
    one = (tmp_path / "mails" / "payment_notice.html").read_text()
    assert one == next(row["html"] for row in everything["templates"] if row["slug"] == "payment_notice")
    (tmp_path / "all.json").write_text(json.dumps(everything))
    assert "the same as before" in run(environ, "template", "import", str(tmp_path / "all.json")).stdout


def test_a_message_begins_with_a_template(environ: dict[str, str], network: Desk, tmp_path: Path) -> None:
    file = tmp_path / "news.html"
    file.write_text("<p>News for [=Affiliate.FirstName|you=]</p>")
    run(environ, "template", "import", str(file), "--subject", "News", "--preheader", "Short")
    made = run(environ, "broadcast", "create", "--name", "December", "--template", "news", "--json")
    with network.reading() as session:
        message = session.get_one(Broadcast, json.loads(made.stdout)["id"])
        assert (message.name, message.subject, message.preheader) == ("December", "News", "Short")
        assert message.html == file.read_text()
        assert message.kind == "announcement"
    assert run(environ, "broadcast", "create", "--name", "x", "--template", "no such").exit_code == 1
    assert run(environ, "broadcast", "create", "--name", "x").exit_code == 2
