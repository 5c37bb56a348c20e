"""Two small drawings as SVG text: a line over the nights, a bar of parts; and a share in figures. No text from data."""

from collections.abc import Sequence

from markupsafe import Markup

_WIDTH, _HEIGHT, _EDGE = 120, 28, 4


def trend(shares: Sequence[float | None], label: str) -> Markup:
    """A line of shares (0 to 1) over the nights, oldest first; a night without a check is a gap, never a zero.

    The height is the largest share, so that small movements are seen; the figures beside it give the size.
    """
    if not any(share is not None for share in shares):
        return Markup("")
    top = max([share for share in shares if share is not None]) or 1.0
    step = (_WIDTH - 2 * _EDGE) / max(len(shares) - 1, 1)
    points = [
        None if share is None else (_EDGE + at * step, _HEIGHT - _EDGE - share / top * (_HEIGHT - 2 * _EDGE))
        for at, share in enumerate(shares)
    ]
    lines = Markup("").join(_line(part) for part in _unbroken(points))
    last = points[-1]
    dot = Markup('<circle class="now" cx="{:.1f}" cy="{:.1f}" r="2.6"/>').format(*last) if last else Markup("")
    return Markup(
        '<svg class="trend" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">'
        '<line class="floor" x1="{e}" y1="{y}" x2="{x}" y2="{y}"/>{lines}{dot}</svg>'
    ).format(w=_WIDTH, h=_HEIGHT, label=label, e=_EDGE, y=_HEIGHT - _EDGE, x=_WIDTH - _EDGE, lines=lines, dot=dot)


def percent(share: float) -> str:
    """A share for people: what is there is never shown as nothing."""
    if share <= 0:
        return "0"
    return "<0.1%" if share < 0.001 else f"{share:.1%}"


def bar(parts: Sequence[tuple[str, int]], label: str) -> Markup:
    """One bar of the given (class, count) parts, as wide as their sum; a part that is there is at least visible."""
    total = sum(count for _, count in parts)
    if total == 0:
        return Markup("")
    drawn, at = [], 0.0
    least = 1.5
    spare = 100 - least * sum(1 for _, count in parts if count)
    for name, count in parts:
        if count:
            width = least + spare * count / total
            drawn.append(
                Markup('<rect class="{}" x="{:.2f}" y="0" width="{:.2f}" height="10"/>').format(name, at, width)
            )
            at += width
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(label, Markup("").join(drawn))


def _unbroken(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _line(points: list[tuple[float, float]]) -> Markup:
    if len(points) == 1:
        return Markup('<circle class="lone" cx="{:.1f}" cy="{:.1f}" r="1.6"/>').format(*points[0])
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Markup('<polyline points="{}"/>').format(drawn)
