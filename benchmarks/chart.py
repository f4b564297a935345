"""Bars of ratios on a logarithmic scale, as an SVG: left of the line is less than the peer, right of it more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

ROW, LABEL, PLOT, TOP = 22, 430, 520, 60
DECADES = (0.01, 0.1, 1.0, 10.0, 100.0)


def svg(title: str, bars: Sequence[tuple[str, float]]) -> str:
    """One bar for each (label, ratio) that is a positive number."""
    shown = [(label, ratio) for label, ratio in bars if ratio > 0 and math.isfinite(ratio)]
    height = TOP + ROW * len(shown) + 20
    width = LABEL + PLOT + 90
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">',
        f'<rect width="100%" height="100%" fill="white"/><text x="10" y="20" font-size="13">{escape(title)}</text>',
    ]
    for ratio in DECADES:
        x, stroke = _place(ratio), 2 if ratio == 1 else 0.5
        parts.append(
            f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height - 15}" stroke="#888" stroke-width="{stroke}"/>'
        )
        parts.append(f'<text x="{x:.1f}" y="{TOP - 14}" text-anchor="middle" font-size="12">{ratio:g}</text>')
    for row, (label, ratio) in enumerate(shown):
        y, begin, end = TOP + row * ROW, *sorted((_place(1.0), _place(ratio)))
        parts.append(f'<text x="{LABEL - 10}" y="{y + 13}" text-anchor="end" font-size="12">{escape(label)}</text>')
        parts.append(
            f'<rect x="{begin:.1f}" y="{y + 3}" width="{max(end - begin, 1):.1f}" height="{ROW - 8}" fill="#2a6fb0"/>'
            f'<text x="{LABEL + PLOT + 12}" y="{y + 13}" font-size="12">{ratio:.3g}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def _place(ratio: float) -> float:
    low, high = math.log10(DECADES[0]), math.log10(DECADES[-1])
    part = (math.log10(min(max(ratio, DECADES[0]), DECADES[-1])) - low) / (high - low)
    return LABEL + part * PLOT
