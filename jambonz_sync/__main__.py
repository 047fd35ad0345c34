"""``python -m jambonz_sync``: the same as the command ``jambonz-sync``."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
