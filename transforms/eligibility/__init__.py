"""The law as data, and what it says of each family: yes, no or unknown, with the reasons.

Policy files come in as text (policy.py; entries.py is the format), families and events as tables. Triggers meet
clauses (cases.py), the facts that conditions ask for are gathered for all cases at once (evidence.py), conditions
become true, false or unknown (conditions.py), and verdicts.py draws the verdict and says who has to look at it.
"""

from transforms.eligibility.entitlements import entitlements
from transforms.eligibility.explain import Explanation, explain_determination, load_words
from transforms.eligibility.faults import PolicyFault, PolicyFaults
from transforms.eligibility.policy import Clause, Policy, load_policy
from transforms.eligibility.verdicts import determine

__all__ = [
    "Clause",
    "Explanation",
    "Policy",
    "PolicyFault",
    "PolicyFaults",
    "determine",
    "entitlements",
    "explain_determination",
    "load_policy",
    "load_words",
]
