"""Tables for the terminal."""


def lines(columns, rows, names):
    """A table whose columns are pairs of a title and what gives a row's text; the first `names` hold no figures."""
    cells = [[title for title, _ in columns]] + [[text(row) for _, text in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return [_line(row, widths, names) for row in cells]


def _line(cells, widths, names):
    left = [cell.ljust(width) for cell, width in zip(cells[:names], widths)]
    right = [cell.rjust(width) for cell, width in zip(cells[names:], widths[names:])]
    return "  ".join(left + right).rstrip()
