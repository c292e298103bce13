"""A confidence sequence: a band that holds the truth at all times at once, however often one looks.

Asymptotic, by Robbins' normal mixture (Waudby-Smith et al., arXiv 2103.06476, theorem 2.2), in the time of
information, one over the squared standard error. Wider than the group sequential bounds on the last day; in
exchange it asks for no plan: whoever looks at the page may stop at any time.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def planned_information(log_ratio: float, alpha: float, power: float) -> float:
    """Information at which a single test with this power finds a log ratio."""
    from scipy.special import ndtri

    return float(((ndtri(1 - alpha / 2) + ndtri(power)) / log_ratio) ** 2)


def mixture_of(information: float, alpha: float) -> float:
    """The mixture's parameter for which the band is narrowest about an information chosen before the start."""
    twice = -2 * np.log(alpha)
    return float(information / (twice + np.log(twice + 1)))


def radius(standard_error: Floats, alpha: float, mixture: float) -> Floats:
    """Half the width of the band, of the standard errors' shape."""
    with np.errstate(divide="ignore", invalid="ignore"):
        information = 1 / standard_error**2
        odds = np.log((information + mixture) / (mixture * alpha**2))
        return np.asarray(standard_error * np.sqrt((1 + mixture / information) * odds), dtype=np.float64)


def p_value(z: Floats, standard_error: Floats, mixture: float) -> Floats:
    """The smallest error at which the band leaves out zero at this look; valid at all looks at once."""
    information = 1 / standard_error**2
    exponent = -(z**2) / (2 * (1 + mixture / information))
    return np.asarray(np.minimum(1.0, np.sqrt((information + mixture) / mixture) * np.exp(exponent)), dtype=np.float64)
