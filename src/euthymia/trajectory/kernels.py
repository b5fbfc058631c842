"""The filter of `kalman.py` for many patients at once: Numba, compiled once and cached, in parallel over patients.

The arithmetic is that of the NumPy route, node by node and without matrices: the belief is four means and ten
(co)variances. All in one file: Numba's cache does not notice a change in another one.
`tests/core/trajectory/test_kernels.py` holds the two routes against each other.
"""

import math
from typing import Any

import numpy as np
from numba import njit, prange

# Rows of the scratch array [row, node]: the means, the covariances, how much of a session acts, and the log weight.
X, M, Z, A, XX, XM, XZ, XA, MM, MZ, MA, ZZ, ZA, AA, SHARE, HEARD_SHARE, LOG = range(17)
ROWS = 17
# Rows of a cached transition: decay, heard level, kept share, gained share, and the process noise.
E, U, KEPT, GAIN, QXX, QXM, QXZ, QMZ, QZZ = range(9)
# Rows of the constants of a population on every node.
LOG_WEIGHT, RATE, WANDER_VAR, NOISE, SET_VAR, WANE, CARRY, FOLLOW, FOLLOW_DRUG = range(9)
# Its constants that are the same on all nodes.
DRIFT_VAR, STEP_VAR, START, START_VAR, SET_START, SLOPE, EFFECT, EFFECT_VAR, FORGETTING, OUTLIER, FACTOR_VAR = range(11)
SLOTS = 8
_NEGLIGIBLE = 1e-7
_SAME_GAP = 1e-9
_LEAST_INTERVAL = 1 / 14
# A quantile is found to this share of the noise of a rating.
_NEAR_ENOUGH = 0.01
_compiled: Any = njit(cache=True, fastmath={"contract", "reassoc", "nsz", "arcp"}, error_model="numpy")


@_compiled
def _start(s, node, c):
    for j in range(node.shape[1]):
        s[X, j] = s[Z, j] = c[START]
        s[M, j], s[A, j] = c[SET_START], c[EFFECT]
        s[XX, j] = s[XZ, j] = s[ZZ, j] = c[START_VAR]
        s[XM, j] = s[MZ, j] = c[SLOPE] * c[START_VAR]
        s[MM, j] = c[SLOPE] ** 2 * c[START_VAR] + node[SET_VAR, j]
        s[XA, j] = s[MA, j] = s[ZA, j] = 0.0
        s[AA, j] = c[EFFECT_VAR]
        s[SHARE, j] = s[HEARD_SHARE, j] = 0.0
        s[LOG, j] = node[LOG_WEIGHT, j]


@_compiled
def _slot(gaps, cache, node, c, weeks):
    """The place of the transition over `weeks` in the cache of this thread; made where it is not there."""
    for k in range(SLOTS):
        if abs(gaps[k] - weeks) < _SAME_GAP:
            return k
    k = int(gaps[SLOTS])
    gaps[SLOTS] = (k + 1) % SLOTS
    gaps[k] = weeks
    b, drift, t = c[FORGETTING], c[DRIFT_VAR], weeks
    recalls = not math.isinf(b)
    eb = math.exp(-b * t) if recalls else 0.0
    ib = (1 - eb) / b if recalls else 0.0
    i2b = -math.expm1(-2 * b * t) / (2 * b) if recalls else 0.0
    gaps[SLOTS + 1 + k] = eb
    for j in range(node.shape[1]):
        rate, wander, follow = node[RATE, j], node[WANDER_VAR, j], node[FOLLOW, j]
        lag = 1 - follow
        i1 = -math.expm1(-rate * t) / rate
        e = 1 - rate * i1
        i2 = i1 * (1 + e) / 2
        i1b = (1 - e * eb) / (rate + b) if recalls else 0.0
        cache[k, E, j] = e
        cache[k, U, j] = follow * (e - eb)
        kept = math.exp(-node[WANE, j] * t)
        cache[k, KEPT, j] = kept
        cache[k, GAIN, j] = node[FOLLOW_DRUG, j] * (kept - eb)
        cache[k, QXX, j] = wander * i2 + drift * (t - 2 * i1 + i2)
        cache[k, QXM, j] = drift * (t - i1)
        cache[k, QXZ, j] = wander * follow * (i2 - i1b) + drift * (t - follow * i1 - lag * ib - i1 + follow * i2 + lag * i1b)
        cache[k, QMZ, j] = drift * (t - follow * i1 - lag * ib)
        cache[k, QZZ, j] = wander * follow**2 * (i2 - 2 * i1b + i2b) + drift * (
            t - 2 * follow * i1 - 2 * lag * ib + follow**2 * i2 + 2 * follow * lag * i1b + lag**2 * i2b
        )
    return k


@_compiled
def _wait(s, gaps, cache, node, c, weeks):
    """Only the drug's shares move on over `weeks`."""
    if weeks <= 0:
        return
    k = _slot(gaps, cache, node, c, weeks)
    eb = gaps[SLOTS + 1 + k]
    for j in range(node.shape[1]):
        s[HEARD_SHARE, j] = eb * s[HEARD_SHARE, j] + cache[k, GAIN, j] * s[SHARE, j]
        s[SHARE, j] *= cache[k, KEPT, j]


@_compiled
def _dose(s, node):
    for j in range(node.shape[1]):
        s[SHARE, j] = node[CARRY, j] * s[SHARE, j] + 1


@_compiled
def _move(s, t, eb, drift):
    """The belief about level, set point, recalled level and effect over the weeks of one cached transition."""
    for j in range(s.shape[1]):
        e, u = t[E, j], t[U, j]
        f, w = 1 - e, 1 - eb - u
        x, m, xx, xm, xz, mm, mz = s[X, j], s[M, j], s[XX, j], s[XM, j], s[XZ, j], s[MM, j], s[MZ, j]
        xa, ma, zz = s[XA, j], s[MA, j], s[ZZ, j]
        with_x, with_m, with_z = e * xx + f * xm, e * xm + f * mm, e * xz + f * mz
        s[Z, j] = u * x + w * m + eb * s[Z, j]
        s[X, j] = e * x + f * m
        s[ZA, j] = u * xa + w * ma + eb * s[ZA, j]
        s[XA, j] = e * xa + f * ma
        s[ZZ, j] = u * u * xx + w * w * mm + eb * eb * zz + 2 * (u * w * xm + u * eb * xz + w * eb * mz) + t[QZZ, j]
        s[XZ, j] = u * with_x + w * with_m + eb * with_z + t[QXZ, j]
        s[MZ, j] = u * xm + w * mm + eb * mz + t[QMZ, j]
        s[XX, j] = e * with_x + f * with_m + t[QXX, j]
        s[XM, j] = with_m + t[QXM, j]
        s[MM, j] = mm + drift


@_compiled
def _tail(reached):
    """Φ/φ times -reached, far below: the asymptotic series."""
    q = 1 / (reached * reached)
    return 1 - q * (1 - 3 * q * (1 - 5 * q * (1 - 7 * q)))


@_compiled
def _mills(reached):
    """φ/Φ; far below, where both vanish, its asymptote."""
    if reached < -35:
        return -reached / _tail(reached)
    return math.exp(-0.5 * reached * reached) / (math.sqrt(0.5 * math.pi) * math.erfc(-reached / math.sqrt(2.0)))


@_compiled
def _log_below(reached):
    if reached < -35:
        return -0.5 * reached * reached + math.log(_tail(reached) / -reached) - 0.5 * math.log(2 * math.pi)
    return math.log(0.5 * math.erfc(-reached / math.sqrt(2.0)))


@_compiled
def _censored(surprise, variance, end):
    sd = math.sqrt(variance)
    reached = -end * surprise / sd
    mills = _mills(reached)
    return _log_below(reached), end * mills / sd, mills * (mills + reached) / variance


@_compiled
def _condition(s, node, c, end, value, rounding, log_width):
    odds, log_share = c[OUTLIER] / (1 - c[OUTLIER]), math.log1p(-c[OUTLIER])
    extra = c[FACTOR_VAR] - 1
    for j in range(node.shape[1]):
        h = s[HEARD_SHARE, j]
        tx, tm = s[XZ, j] - h * s[XA, j], s[MZ, j] - h * s[MA, j]
        tz, ta = s[ZZ, j] - h * s[ZA, j], s[ZA, j] - h * s[AA, j]
        noise = node[NOISE, j]
        variance = tz - h * ta + noise + rounding
        wide = variance + noise * extra
        surprise = value - s[Z, j] + h * s[A, j]
        if end == 0:
            usual, rare = 1 / variance, 1 / wide
            square = surprise * surprise
            gain = 0.5 * square * (usual - rare) * (odds > 0)
            ratio = odds * math.sqrt(variance * rare) * math.exp(min(gain, 600.0))
            log_z = log_width - 0.5 * square * usual + math.log((1 + ratio) * math.sqrt(usual)) - 0.9189385332046727
            log_z += max(gain - 600.0, 0.0)  # so far out an outlier is all there is
            odd = ratio / (1 + ratio)
            slope = surprise * (usual + odd * (rare - usual))
            curvature = usual + odd * (rare - usual) - odd * (1 - odd) * square * (rare - usual) ** 2
        else:
            log_z, slope, curvature = _censored(surprise, variance, end)
            if odds > 0:
                log_rare, slope_rare, curvature_rare = _censored(surprise, wide, end)
                gain = log_rare - log_z
                ratio = odds * math.exp(min(gain, 600.0))
                odd = ratio / (1 + ratio)
                log_z += math.log1p(ratio) + max(gain - 600.0, 0.0)
                curvature += odd * (curvature_rare - curvature) - odd * (1 - odd) * (slope_rare - slope) ** 2
                slope += odd * (slope_rare - slope)
        s[LOG, j] += log_z + log_share
        s[X, j] += tx * slope
        s[M, j] += tm * slope
        s[Z, j] += tz * slope
        s[A, j] += ta * slope
        s[XX, j] -= curvature * tx * tx
        s[XM, j] -= curvature * tx * tm
        s[XZ, j] -= curvature * tx * tz
        s[XA, j] -= curvature * tx * ta
        s[MM, j] -= curvature * tm * tm
        s[MZ, j] -= curvature * tm * tz
        s[MA, j] -= curvature * tm * ta
        s[ZZ, j] -= curvature * tz * tz
        s[ZA, j] -= curvature * tz * ta
        s[AA, j] -= curvature * ta * ta


@_compiled
def _to_rating(s, gaps, cache, node, c, start, week, sessions, at, changes, then):
    """Carry the belief to the next rating, through the sessions before it and the changes up to it."""
    now = start
    while at < len(sessions) and sessions[at] < week:
        _wait(s, gaps, cache, node, c, sessions[at] - now)
        now = sessions[at]
        _dose(s, node)
        at += 1
    _wait(s, gaps, cache, node, c, week - now)
    now = start
    while then < len(changes) and changes[then] <= week:
        if changes[then] > start:
            if changes[then] > now:
                k = _slot(gaps, cache, node, c, changes[then] - now)
                _move(s, cache[k], gaps[SLOTS + 1 + k], c[DRIFT_VAR] * (changes[then] - now))
                now = changes[then]
            for j in range(node.shape[1]):
                s[MM, j] += c[STEP_VAR]
        then += 1
    if week > now:
        k = _slot(gaps, cache, node, c, week - now)
        _move(s, cache[k], gaps[SLOTS + 1 + k], c[DRIFT_VAR] * (week - now))
    return at, then


@_compiled
def _before(s, gaps, cache, node, c, week, sessions):
    """The shares that sessions before the first rating have left."""
    at = 0
    while at < len(sessions) and sessions[at] < week:
        if at:
            _wait(s, gaps, cache, node, c, sessions[at] - sessions[at - 1])
        _dose(s, node)
        at += 1
    if at:
        _wait(s, gaps, cache, node, c, week - sessions[at - 1])
    return at


@_compiled
def _log_sum(row):
    top = row.max()
    total = 0.0
    for value in row:
        total += math.exp(value - top)
    return top + math.log(total)


@_compiled
def _scratch(nodes):
    gaps = np.full(2 * SLOTS + 1, -1.0)
    gaps[SLOTS] = 0
    return np.empty((ROWS, nodes)), gaps, np.empty((SLOTS, 9, nodes))


@_compiled
def _next_rating(s, gaps, cache, node, c, ratings, i, at_start, sessions, at, changes, then):
    """Carry the belief to rating `i` of a patient and condition on it; where the sessions and changes stand then."""
    weeks, end, value, rounding, log_width = ratings
    if at_start:
        _start(s, node, c)
        at, then = _before(s, gaps, cache, node, c, weeks[i], sessions), 0
    else:
        at, then = _to_rating(s, gaps, cache, node, c, weeks[i - 1], weeks[i], sessions, at, changes, then)
    _condition(s, node, c, end[i], value[i], rounding[i], log_width[i])
    return at, then


@_compiled
def log_likelihoods_of(p0, p1, node, c, offsets, ratings, beside, found):
    """The marginal log likelihoods of the patients from `p0` to before `p1`, into `found` [patient].

    `ratings`: weeks, ends, values, rounding variances, log widths [rating]; `beside`: offsets and weeks of the sessions,
    offsets and weeks of the changes (as in `batch.Cohort`).
    """
    s, gaps, cache = _scratch(node.shape[1])
    session_offsets, sessions, change_offsets, changes = beside
    for p in range(p0, p1):
        of_p, changed = sessions[session_offsets[p] : session_offsets[p + 1]], changes[change_offsets[p] : change_offsets[p + 1]]
        at = then = 0
        for i in range(offsets[p], offsets[p + 1]):
            at, then = _next_rating(s, gaps, cache, node, c, ratings, i, i == offsets[p], of_p, at, changed, then)
        found[p] = _log_sum(s[LOG]) if offsets[p + 1] > offsets[p] else 0.0


@njit(cache=True, parallel=True)
def log_likelihoods(chunks, node, c, offsets, ratings, beside, found):
    """The same for everybody, over the cores."""
    people = len(offsets) - 1
    for k in prange(chunks):
        log_likelihoods_of(k * people // chunks, (k + 1) * people // chunks, node, c, offsets, ratings, beside, found)


@_compiled
def _interval(sessions, known):
    """The median of the last five intervals (of half a day or more) between the first `known` sessions; 0 without any."""
    gaps = np.empty(5)
    count = 0
    for k in range(max(known - 6, 0), known - 1):
        gap = sessions[k + 1] - sessions[k]
        if gap >= _LEAST_INTERVAL:
            gaps[count] = gap
            count += 1
    if not count:
        return 0.0
    gaps[:count].sort()
    half = count // 2
    return gaps[half] if count % 2 else (gaps[half - 1] + gaps[half]) / 2


@_compiled
def _future_shares(share, heard, gaps, cache, node, c, now, horizon, sessions, at):
    """Carry the drug's shares from now to the horizon: through the sessions of today, then as so far."""
    known = at
    while known < len(sessions) and sessions[known] <= now:
        known += 1
    interval = _interval(sessions, known)
    goes_on = interval > 0 and now - sessions[known - 1] <= 2 * interval
    first = max(sessions[known - 1] + interval, now) if goes_on else horizon
    week, k, count = now, at, 0
    while True:
        due = sessions[k] if k < known else first + count * interval
        if k < known:
            k += 1
        else:
            count += 1
        if due >= horizon:
            break
        _wait_shares(share, heard, gaps, cache, node, c, due - week)
        week = due
        for j in range(len(share)):
            share[j] = node[CARRY, j] * share[j] + 1
    _wait_shares(share, heard, gaps, cache, node, c, horizon - week)


@_compiled
def _ahead(s, ahead, gaps, cache, node, c, now, horizon, sessions, at):
    """Mean and variance of what will be recalled at the horizon, sessions as so far; into `ahead` [mean, variance, share, heard]."""
    ahead[2], ahead[3] = s[SHARE], s[HEARD_SHARE]
    if len(sessions):
        _future_shares(ahead[2], ahead[3], gaps, cache, node, c, now, horizon, sessions, at)
    if horizon <= now:
        for j in range(s.shape[1]):
            h = ahead[3, j]
            ahead[0, j] = s[Z, j] - h * s[A, j]
            ahead[1, j] = s[ZZ, j] - 2 * h * s[ZA, j] + h * h * s[AA, j]
        return
    slot = _slot(gaps, cache, node, c, horizon - now)
    t, eb = cache[slot], gaps[SLOTS + 1 + slot]
    for j in range(s.shape[1]):
        u, h = t[U, j], ahead[3, j]
        w = 1 - eb - u
        za = u * s[XA, j] + w * s[MA, j] + eb * s[ZA, j]
        zz = u * u * s[XX, j] + w * w * s[MM, j] + eb * eb * s[ZZ, j]
        zz += 2 * (u * w * s[XM, j] + u * eb * s[XZ, j] + w * eb * s[MZ, j]) + t[QZZ, j]
        ahead[0, j] = u * s[X, j] + w * s[M, j] + eb * s[Z, j] - h * s[A, j]
        ahead[1, j] = zz - 2 * h * za + h * h * s[AA, j]


@_compiled
def _wait_shares(share, heard, gaps, cache, node, c, weeks):
    if weeks <= 0:
        return
    k = _slot(gaps, cache, node, c, weeks)
    eb = gaps[SLOTS + 1 + k]
    for j in range(len(share)):
        heard[j] = eb * heard[j] + cache[k, GAIN, j] * share[j]
        share[j] *= cache[k, KEPT, j]


@_compiled
def _below(bound, weights, ahead, noise, c):
    """P(rating ≤ bound) over the nodes; `ahead`: mean and variance. Nodes of no weight are passed over."""
    found = 0.0
    outlier, factor_var = c[OUTLIER], c[FACTOR_VAR]
    for j in range(len(weights)):
        if weights[j] < _NEGLIGIBLE:
            continue
        away = (ahead[0, j] - bound) * 0.7071067811865476
        below = (1 - outlier) * math.erfc(away / math.sqrt(ahead[1, j] + noise[j]))
        if outlier > 0:
            below += outlier * math.erfc(away / math.sqrt(ahead[1, j] + noise[j] * factor_var))
        found += weights[j] * below
    return 0.5 * found


@_compiled
def _quantile(q, weights, ahead, noise, c):
    low, high = np.inf, -np.inf
    for j in range(len(weights)):
        if weights[j] >= _NEGLIGIBLE:
            reach = 5 * math.sqrt(ahead[1, j] + noise[j])
            low, high = min(low, ahead[0, j] - reach), max(high, ahead[0, j] + reach)
    while high - low > _NEAR_ENOUGH * math.sqrt(noise[0]):
        middle = 0.5 * (low + high)
        if _below(middle, weights, ahead, noise, c) < q:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@_compiled
def _weights(log, weights):
    total = _log_sum(log)
    for j in range(len(log)):
        weights[j] = math.exp(log[j] - total)


@_compiled
def outlooks_of(p0, p1, node, c, offsets, ratings, beside, horizons, bound, qs, chances, heading):
    """The chance of a rating at or below `bound` (latent) at `horizons` [rating], after every rating, into `chances` [rating].

    And the quantiles `qs` of the rating (latent) at the last horizon, into `heading` [patient, quantile]; the rest as above.
    """
    s, gaps, cache = _scratch(node.shape[1])
    ahead, weights, weeks = np.empty((4, node.shape[1])), np.empty(node.shape[1]), ratings[0]
    session_offsets, sessions, change_offsets, changes = beside
    for p in range(p0, p1):
        of_p, changed = sessions[session_offsets[p] : session_offsets[p + 1]], changes[change_offsets[p] : change_offsets[p + 1]]
        at = then = 0
        for i in range(offsets[p], offsets[p + 1]):
            at, then = _next_rating(s, gaps, cache, node, c, ratings, i, i == offsets[p], of_p, at, changed, then)
            _weights(s[LOG], weights)
            _ahead(s, ahead, gaps, cache, node, c, weeks[i], horizons[i], of_p, at)
            chances[i] = _below(bound, weights, ahead, node[NOISE], c)
        if offsets[p + 1] > offsets[p]:
            for k in range(len(qs)):
                heading[p, k] = _quantile(qs[k], weights, ahead, node[NOISE], c)


@njit(cache=True, parallel=True)
def outlooks(chunks, node, c, offsets, ratings, beside, horizons, bound, qs, chances, heading):
    """The same for everybody, over the cores."""
    people = len(offsets) - 1
    for k in prange(chunks):
        first, after = k * people // chunks, (k + 1) * people // chunks
        outlooks_of(first, after, node, c, offsets, ratings, beside, horizons, bound, qs, chances, heading)
