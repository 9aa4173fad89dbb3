"""`python -m crowdfund` is the `crowdfund` command."""

import sys

from crowdfund.cli import main

sys.exit(main())
