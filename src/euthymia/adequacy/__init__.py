"""Treatment trials: adequate, inadequate or indeterminate, each with its reasons and what is missing.

Dose × duration × adherence against the minima of knowledge/adequacy/. What is not known never becomes a judgement: a date
that is only a year, a dose that was not written down or an end that nobody recorded make a trial indeterminate.
"""

from euthymia.adequacy.judging import not_trials, trials
from euthymia.adequacy.trial import Adequacy, CountsAs, Trial, TrialOutcome

__all__ = ["Adequacy", "CountsAs", "Trial", "TrialOutcome", "not_trials", "trials"]
