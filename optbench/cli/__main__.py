"""`python -m optbench.cli`, which is `optbench`."""

from optbench.cli import main

main()
