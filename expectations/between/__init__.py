"""What agencies say of the same person, held against each other: over all that is known on a night, not one delivery.

`questions` has the checks as queries, `holding` asks them and counts. Such a check never refuses a row: which of two
agencies is right is for them to find out. A check whose feeds are not there did not run, and says so.
"""

from expectations.between.holding import Held, hold_together
from expectations.between.questions import QUESTIONS, Question, between_checks

__all__ = ["QUESTIONS", "Held", "Question", "between_checks", "hold_together"]
