"""Random-effects meta-analysis: REML, the Hartung-Knapp interval, the prediction interval. Arrays in, numbers out.

Equal to R's metafor, `rma(yi, vi, method = "REML", test = "knha")`, with its convergence tightened:

- tau2 maximises the restricted likelihood on tau2 >= 0. The whole line is searched first, so that it is the highest of
  several maxima; then the score is solved.
- The interval of the mean is t with k - 1 degrees of freedom and Hartung and Knapp's variance. With two studies that
  is one degree of freedom: an interval twelve times its standard error. It is shown as wide as it is.
- The prediction interval uses the same k - 1 degrees of freedom, as metafor's `predict()` does after `test = "knha"`,
  and the variance tau2 + se**2.
- I2 is tau2 in relation to Higgins and Thompson's typical variance; the intervals of tau2 and I2 are Q-profiles.

Hartung and Knapp's interval is narrower than the normal one (`normal_lower`, `normal_upper`) where studies agree more
than chance would have it. It is not widened; whoever shows it shows the other beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_GRID, _ROUNDS = 400, 200


@dataclass(frozen=True)
class Summary:
    """A pooled effect on the scale of pooling. Intervals are 95 %; `se` is Hartung and Knapp's; `i2` in percent."""

    k: int
    estimate: float
    se: float
    lower: float
    upper: float
    normal_lower: float
    normal_upper: float
    prediction_lower: float
    prediction_upper: float
    tau2: float
    tau2_lower: float
    tau2_upper: float
    i2: float
    i2_lower: float
    i2_upper: float
    q: float
    q_p: float
    df: int
    weights: tuple[float, ...]

    @property
    def narrower_than_normal(self) -> bool:
        """Whether chance agreement makes the Hartung-Knapp interval narrower than the normal one."""
        return self.upper - self.lower < self.normal_upper - self.normal_lower


def pool(values: Sequence[float], standard_errors: Sequence[float], level: float = 0.95) -> Summary:
    """Pool two or more effects. `weights` are percents. Raises ValueError for fewer, or an impossible standard error."""
    import numpy as np
    from scipy import special

    if len(values) < 2 or len(values) != len(standard_errors):
        raise ValueError(f"found {len(values)} effects with {len(standard_errors)} standard errors; allowed: two or more, each with one")
    y, v = np.asarray(values, dtype=float), np.asarray(standard_errors, dtype=float) ** 2
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise ValueError("found an effect or a standard error that is not a number above 0; allowed: finite, above 0")
    df = len(y) - 1
    tau2 = restricted_maximum(y, v)
    w = 1 / (v + tau2)
    estimate = float(w @ y / w.sum())
    variance = float(w @ (y - estimate) ** 2 / df / w.sum())
    reach = float(special.stdtrit(df, 0.5 + level / 2))
    typical = _typical_variance(v)
    low, high = _profile(y, v, level)
    normal = float(special.ndtri(0.5 + level / 2) / w.sum() ** 0.5)
    se, spread = variance**0.5, (variance + tau2) ** 0.5
    q = q_at(y, v, 0.0)
    return Summary(
        k=len(y),
        estimate=estimate,
        se=se,
        lower=estimate - reach * se,
        upper=estimate + reach * se,
        normal_lower=estimate - normal,
        normal_upper=estimate + normal,
        prediction_lower=estimate - reach * spread,
        prediction_upper=estimate + reach * spread,
        tau2=tau2,
        tau2_lower=low,
        tau2_upper=high,
        i2=100 * tau2 / (tau2 + typical),
        i2_lower=100 * low / (low + typical),
        i2_upper=100 * high / (high + typical),
        q=q,
        q_p=float(special.chdtrc(df, q)),
        df=df,
        weights=tuple(100 * float(each) for each in w / w.sum()),
    )


def restricted_log_likelihood(y: "Array", v: "Array", tau2: float) -> float:
    """Of tau2, up to a constant; the mean is integrated out."""
    import numpy as np

    w = 1 / (v + tau2)
    mean = w @ y / w.sum()
    return float(0.5 * (np.log(w).sum() - np.log(w.sum()) - w @ (y - mean) ** 2))


def score(y: "Array", v: "Array", tau2: float) -> float:
    """Twice the slope of the restricted log-likelihood at tau2."""
    w = 1 / (v + tau2)
    total = w.sum()
    mean = w @ y / total
    return float((w**2) @ (y - mean) ** 2 - total + (w @ w) / total)


def restricted_maximum(y: "Array", v: "Array") -> float:
    """The tau2 at which the restricted likelihood is highest; 0 where it falls from the start."""
    import numpy as np

    # No maximum lies above the spread of the effects: there the score is negative for good.
    top = float(np.ptp(y) ** 2 * len(y) + v.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-9 * top, top, _GRID)])
    best = int(np.argmax([restricted_log_likelihood(y, v, float(tau2)) for tau2 in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, _GRID)])
    if score(y, v, low) <= 0:
        return 0.0
    return _bisect(lambda tau2: score(y, v, tau2), low, high)


def q_at(y: "Array", v: "Array", tau2: float) -> float:
    """The generalised Q statistic: what is left of the spread once tau2 is allowed for."""
    w = 1 / (v + tau2)
    mean = w @ y / w.sum()
    return float(w @ (y - mean) ** 2)


def _typical_variance(v: "Array") -> float:
    w = 1 / v
    return float((len(v) - 1) * w.sum() / (w.sum() ** 2 - w @ w))


def _profile(y: "Array", v: "Array", level: float) -> tuple[float, float]:
    """The tau2 between which Q lies within its chi-square quantiles; 0 where no tau2 above 0 does."""
    from scipy import special

    df, ends = len(y) - 1, []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        critical = float(special.chdtri(df, tail))

        def beyond(tau2: float, critical: float = critical) -> float:
            return q_at(y, v, tau2) - critical

        if beyond(0.0) <= 0:
            ends.append(0.0)
            continue
        high = float(v.max())
        while beyond(high) > 0:
            high *= 2
        ends.append(_bisect(beyond, 0.0, high))
    return ends[0], ends[1]


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a function goes from above 0 to below it, to the last bit."""
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
