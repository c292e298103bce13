"""Group sequential bounds against published tables, and the confidence sequence against what defines it (NV-M2)."""

import numpy as np
import pytest

from monitoring.experiments.bounds import bounds, power, spent
from monitoring.experiments.confidence_sequence import mixture_of, p_value, planned_information, radius


def evenly(looks: int) -> np.ndarray:
    return np.arange(1, looks + 1) / looks


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        (1, [1.9600]),
        (2, [2.9626, 1.9686]),
        (3, [3.7103, 2.5114, 1.9930]),
        (5, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
    ],
)
def test_bounds_are_those_of_the_tables_of_lan_and_demets(looks: int, published: list[float]) -> None:
    """Two-sided 0.05, spending like O'Brien and Fleming (ld98, gsDesign's sfLDOF)."""
    assert bounds(evenly(looks), evenly(looks), 0.05) == pytest.approx(published, abs=2e-4)


def test_all_error_is_spent_at_the_end_and_next_to_none_at_first() -> None:
    assert float(spent(1.0, 0.05)) == pytest.approx(0.05)
    assert float(spent(0.2, 0.05)) < 2e-6
    assert np.all(np.diff(spent(evenly(50), 0.05)) >= 0)


def test_bounds_do_not_depend_on_the_scale_of_information_nor_on_empty_looks() -> None:
    usual = bounds(evenly(5), evenly(5), 0.05)
    assert bounds(4e6 * evenly(5), evenly(5), 0.05) == pytest.approx(usual, abs=1e-6)
    information, fractions = evenly(5).repeat(2), evenly(5).repeat(2)
    doubled = bounds(information, fractions, 0.05)
    assert doubled[::2] == pytest.approx(usual, abs=1e-6)
    assert np.all(np.isinf(doubled[1::2]))  # nothing new came in, so nothing is decided


def test_many_looks_cost_little_power_and_a_hundred_of_them_keep_the_error() -> None:
    size = 1.959964 + 0.841621  # a single test finds it with 80 %
    assert power(evenly(1), evenly(1), 0.05, size) == pytest.approx(0.8, abs=1e-4)
    assert 0.77 < power(evenly(100), evenly(100), 0.05, size) < 0.8
    assert power(evenly(100), evenly(100), 0.05, 0.0) == pytest.approx(0.05, abs=1e-6)


def test_the_confidence_sequence_and_its_p_value_say_the_same() -> None:
    errors = np.array([0.2, 0.1, 0.05, 0.01])
    mixture = mixture_of(planned_information(0.1, 0.05, 0.8), 0.05)
    z = radius(errors, 0.05, mixture) / errors
    assert p_value(z, errors, mixture) == pytest.approx(0.05)
    assert np.all(z > 2.5)  # a band for all times is wider than one for a single look
    assert np.all(np.diff(radius(errors, 0.05, mixture)) < 0)


def test_the_band_is_useful_about_the_information_that_was_planned_and_far_below_it() -> None:
    """In standard errors: three and a half at the plan, and four where there is a thousandth of what was planned."""
    planned = 1000.0
    mixture = mixture_of(planned, 0.05)
    widths = {
        share: float(radius(np.array([(share * planned) ** -0.5]), 0.05, mixture)[0] * (share * planned) ** 0.5)
        for share in (1e-3, 1e-2, 0.1, 1.0, 10.0)
    }
    assert widths[1.0] < 3.4
    assert max(widths.values()) < 4.2
    assert mixture.weights.sum() == pytest.approx(1.0)


def test_where_there_is_nothing_to_say_the_band_says_nothing() -> None:
    mixture = mixture_of(1000.0, 0.05)
    assert np.isnan(radius(np.array([np.nan, 0.1]), 0.05, mixture)).tolist() == [True, False]
