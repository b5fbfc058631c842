"""The letter of a review: history and present state for a payer, a renewal, or the referring clinician. Content only.

Everything in it is a fact of the record, a judgement of the history, or a marked blank. report/ sets it in type.
"""

from euthymia.letter.composing import letter
from euthymia.letter.form import KINDS, Blank, Field, Kind, Letter, Section, Table, Words, plain

__all__ = ["KINDS", "Blank", "Field", "Kind", "Letter", "Section", "Table", "Words", "letter", "plain"]
