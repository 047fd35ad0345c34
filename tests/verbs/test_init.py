from __future__ import annotations

import subprocess
import sys

from jambonz_sync import verbs


def test_what_the_package_exports() -> None:
    """The names that the rest of the library builds on."""
    assert verbs.__all__ == sorted(verbs.__all__)
    assert all(hasattr(verbs, name) for name in verbs.__all__)


def test_importing_compiles_nothing() -> None:
    """No annotation is evaluated before the first verb is built."""
    code = (
        "import jambonz_sync.verbs.compile as c, jambonz_sync.verbs.describe as d, jambonz_sync.verbs as v;"
        "assert not c._objects and not d._known;"
        "v.build('gather', {'timeout': 1});"
        "assert len(c._objects) == 1, c._objects"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
