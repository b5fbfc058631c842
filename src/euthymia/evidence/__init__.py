"""What studies say about a question, how sure that is, and how far it holds for one patient.

`answer(question_id, catalog)` is the whole answer; `beside(question_id, catalog, features)` is what stands beside a
patient. Knows the catalog only.
"""

from euthymia.evidence.answering import Answer, EvidenceBeside, answer, beside
from euthymia.evidence.applicability import Features

__all__ = ["Answer", "EvidenceBeside", "Features", "answer", "beside"]
