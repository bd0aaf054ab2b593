"""`python -m shared.cli`, the same as `redress`."""

from shared.cli import main

main(prog_name="redress")
