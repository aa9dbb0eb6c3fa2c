"""Charts can be read on light and on dark ground, whatever colours their reader sees."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tillhand_analytics.domain.charts.colours import DARK, HEAT, LIGHT, SERIES, on_heat

THEMES = {"light": LIGHT, "dark": DARK}
# How dichromats see linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
EYES = {
    "all": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    dark, light = sorted(float(linear(each) @ XYZ[1]) for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def seen(colour: str, eyes: np.ndarray) -> np.ndarray:
    """A colour in CIE L*a*b*, as these eyes see it."""
    xyz = XYZ @ np.clip(eyes @ linear(colour), 0, 1) / WHITE
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("theme", THEMES)
def test_text_stands_out_from_its_ground(theme: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours["ink"], colours["surface"]) >= 7
    assert contrast(colours["soft"], colours["surface"]) >= 4.5
    assert contrast(colours["s2"], colours["surface"]) >= 4.5  # the badge of what is made up


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_stand_out_from_their_cells(theme: str) -> None:
    colours = THEMES[theme]
    for step, name in enumerate(HEAT):
        assert contrast(colours[on_heat(step)], colours[name]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_lines_stand_out_from_their_ground(theme: str) -> None:
    colours = THEMES[theme]
    for name in SERIES:
        assert contrast(colours[name], colours["surface"]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", EYES)
def test_any_two_series_differ_for_all_eyes(theme: str, eyes: str) -> None:
    colours = THEMES[theme]
    for one, other in itertools.combinations(SERIES, 2):
        apart = np.linalg.norm(seen(colours[one], EYES[eyes]) - seen(colours[other], EYES[eyes]))
        assert apart >= 20, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_the_heat_scale_goes_one_way(theme: str) -> None:
    light = [float(linear(THEMES[theme][name]) @ XYZ[1]) for name in HEAT]
    assert light == sorted(light, reverse=theme == "light")
    assert len(set(light)) == len(HEAT)


def test_both_themes_colour_the_same_things() -> None:
    assert list(LIGHT) == list(DARK)
