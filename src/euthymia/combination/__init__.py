"""Everything tried at once: changes of treatment beside changes of the ratings, in plain words, and nothing credited."""

from euthymia.combination.coinciding import combination
from euthymia.combination.result import Coincidence, Combination, RatingChange, TreatmentChange
from euthymia.combination.treatment_changes import about, doses_apart, treatments

__all__ = ["Coincidence", "Combination", "RatingChange", "TreatmentChange", "about", "combination", "doses_apart", "treatments"]
