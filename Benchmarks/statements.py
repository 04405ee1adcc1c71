"""The SQL that Postern runs, out of its sources, so that what is measured cannot drift from what is served."""

import re
import textwrap

from servers import ROOT


def sql(file, name):
    """The text of `static let name = Statement.read("…")` in a file of Sources/Repositories."""
    source = (ROOT / "Sources/Repositories" / file).read_text()
    found = re.search(rf'static let {name} = Statement\.read\(\n\s*"""\n(.*?)\n\s*"""', source, re.DOTALL)
    assert found, f"{file} has no statement {name}"
    return textwrap.dedent(found[1])
