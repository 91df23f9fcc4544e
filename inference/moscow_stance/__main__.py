"""`python -m moscow_stance` is the `stance` command."""

from moscow_stance.cli import main

main()
