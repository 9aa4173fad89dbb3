"""`python -m crowdfund` is the `crowdfund` command."""

import sys

from crowdfund.cli import main

if __name__ == "__main__":
    sys.exit(main())
