"""The SQL that Postern runs, out of its sources, so that what is measured cannot drift from what is served."""

import re
import textwrap

from servers import ROOT


def sql(file, name, *values):
    """The text of `static let name = Statement…("…")` in a file of Sources/Repositories, with `values` for $1, $2, …"""
    source = (ROOT / "Sources/Repositories" / file).read_text()
    found = re.search(rf'static let {name} = Statement\.\w+\(\n\s*"""\n(.*?)\n\s*"""', source, re.DOTALL)
    assert found, f"{file} has no statement {name}"
    return re.sub(r"\$(\d+)", lambda place: values[int(place[1]) - 1], textwrap.dedent(found[1])) + ";"
