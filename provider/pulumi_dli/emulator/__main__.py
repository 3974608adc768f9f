"""`python -m pulumi_dli.emulator`."""

import sys

from .command import main

sys.exit(main())
