"""Rules between the fields of a record, written by hand: one module an agency, named as the agency's id.

Each module has `RULES`: feed → its rules. Such a rule never refuses a row. It counts contradictions, so that the
agency can mend them; which of two contradicting fields is right is for linkage and for people to find out.
"""

from expectations.agencies import (
    civil_affairs,
    disabled_persons_federation,
    health_commission,
    hospitals,
    insurers,
    public_security,
)
from expectations.agencies.rule import CrossRule
from transforms.feeds import FeedContract

_RULES = {
    "civil_affairs": civil_affairs.RULES,
    "disabled_persons_federation": disabled_persons_federation.RULES,
    "health_commission": health_commission.RULES,
    "hospitals": hospitals.RULES,
    "insurers": insurers.RULES,
    "public_security": public_security.RULES,
}


def cross_rules(contract: FeedContract) -> tuple[CrossRule, ...]:
    """The agency's rules for that feed."""
    return _RULES[contract.agency.id].get(contract.feed, ())


__all__ = ["CrossRule", "cross_rules"]
