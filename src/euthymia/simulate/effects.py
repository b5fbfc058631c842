"""What is seen of a dose in a session, at the rates of the knowledge: sedation, dissociation, saturation, side effects.

Each share holds at every session (no decline is drawn), and some people have an effect oftener than others. Whether dissociation
is there agrees with how strong it is drawn to be: the strongest share of sessions has it.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from euthymia.base_rates import SessionRates
from euthymia.simulate.regimens import BodyDesign

_STANDARD = NormalDist()


@dataclass(frozen=True)
class EffectDesign:
    """Our own choices. `own_share`: how much of the tendency to sedation is the person's. MOAA/S when sedated; saturation in percent."""

    own_share: float = 0.3
    moaas_sedated: tuple[float, ...] = (4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 3.0)
    awake: float = 5.0
    saturation_mean: float = 97.0
    saturation_sd: float = 1.2
    saturation_most: float = 100.0


@dataclass(frozen=True)
class Effects:
    """One session: what was there at its peak. Everything is gone on leaving."""

    sedation: bool
    dissociation: bool
    moaas: float
    saturation: tuple[float, float]
    side_effects: tuple[str, ...]
    serious: bool


def tendency(generator: np.random.Generator) -> float:
    """One person's own tendency to sedation."""
    return float(generator.standard_normal())


def effects(rates: SessionRates, own: float, felt: float, count: int, generator: np.random.Generator, body: BodyDesign) -> Effects:
    """Draw one session. `own`: the person's tendency; `felt`: the peak of dissociation; `count`: sessions before this one."""
    d = EffectDesign()
    drawn = np.sqrt(d.own_share) * own + np.sqrt(1 - d.own_share) * generator.standard_normal()
    sedated = bool(drawn > _STANDARD.inv_cdf(1 - rates.sedation.value))
    moaas = float(generator.choice(d.moaas_sedated))
    saturation = np.minimum(np.round(d.saturation_mean + d.saturation_sd * generator.standard_normal(2)), d.saturation_most)
    lots = generator.random(1 + len(rates.side_effects))
    return Effects(
        sedation=sedated,
        dissociation=bool(_strength(felt, count, body) > _STANDARD.inv_cdf(1 - rates.dissociation.value)),
        moaas=moaas if sedated else d.awake,
        saturation=(float(saturation[0]), float(saturation[1])),
        side_effects=tuple(name for (name, rate), lot in zip(rates.side_effects.items(), lots[1:], strict=True) if lot < rate.value),
        serious=bool(lots[0] < rates.serious_adverse_event.value),
    )


def _strength(felt: float, count: int, d: BodyDesign) -> float:
    """How strong dissociation is among all sessions of this number, as a standard normal."""
    usual = np.log(d.dissociation_median) + count * np.log(d.habituation)
    # The spread between people, and half of it again from session to session.
    spread = d.dissociation_log_sd * np.sqrt(1 + 0.5**2)
    return float((np.log(felt) - usual) / spread)
