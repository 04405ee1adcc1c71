"""The SQL that Postern runs, out of its sources, so that what is measured cannot drift from what is served."""

import re
import textwrap

from servers import ROOT


def session_settings():
    """What Postern sets for each session, as options for libpq."""
    source = (ROOT / "Sources/Database/Pool/Reactor+Sessions.swift").read_text()
    statement = re.search(r'let sessionSettings = Statement\.\w+\(\n\s*"""\n(.*?)\n\s*"""', source, re.DOTALL)
    assert statement, "Reactor+Sessions.swift has no sessionSettings"
    # $1 is the deadline of a statement in milliseconds: nine tenths of five seconds.
    found = re.findall(r"set_config\('(\w+)', '?(\$1|[^']*)'?, false\)", statement[1])
    assert "plan_cache_mode" in dict(found), "the settings of Reactor+Sessions.swift are not read any more"
    return " ".join(f"-c {name}={value.replace('$1', '4500')}" for name, value in found)


def sql(file, name, *values):
    """The text of `static let name = Statement…("…")` in a file of Sources/Repositories, with `values` for $1, $2, …"""
    source = (ROOT / "Sources/Repositories" / file).read_text()

    def text(declaration):
        found = re.search(rf'static let {declaration}\s*"""\n(.*?)\n\s*"""', source, re.DOTALL)
        assert found, f"{file} has no {declaration}"
        # What several statements of a file share stands in them by its name.
        return re.sub(r"\\\((\w+)\)", lambda part: text(f"{part[1]} ="), textwrap.dedent(found[1]))

    statement = text(rf"{name} = Statement\.\w+\(")
    return re.sub(r"\$(\d+)", lambda place: values[int(place[1]) - 1], statement) + ";"
