"""Whether a delivery may go on, row by row, and whether a night's result may be shown.

In: a delivery as text columns. Out: the rows that are accepted, the rows that are refused with a reason, and what
every check counted, for the agency that can mend it (`gate`, `feed_state`). After the night's work the result is
audited before it becomes visible (`check_published`). `expectations.report` draws the quality report.

Great Expectations is loaded by `warm_up()` or by the first gate, never by importing this package.
"""

from expectations.checks import Check, declared_checks
from expectations.context import warm_up
from expectations.delivery import DeliveryFacts
from expectations.freshness import FeedState, feed_state
from expectations.gate import ACCEPTABLE, Gated, gate
from expectations.published import PublishRefused, check_published
from expectations.sentences import reason_sentence, refusal_sentence, sentence, valid_values

__all__ = [
    "ACCEPTABLE",
    "Check",
    "DeliveryFacts",
    "FeedState",
    "Gated",
    "PublishRefused",
    "check_published",
    "declared_checks",
    "feed_state",
    "gate",
    "reason_sentence",
    "refusal_sentence",
    "sentence",
    "valid_values",
    "warm_up",
]
