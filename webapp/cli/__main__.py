"""`python -m webapp.cli` is the `offerpost` command."""

from webapp.cli import main

main(prog_name="offerpost")
