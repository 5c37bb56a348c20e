"""The receipt of a verdict held against tonight: the same policy file, the same facts, the same code?"""

from typing import Any

from transforms.eligibility.policy import Policy
from transforms.eligibility.receipt import facts_hash
from transforms.eligibility.verdicts import ENGINE

Receipt = dict[str, Any]


def receipt_of(determination: dict[str, Any], policy: Policy | None) -> Receipt:
    """What the verdict was reached with, what there is now, and whether they are the same; None: not kept.

    `policy` is the one of tonight's file, or None where there is no such file any more.
    """
    kept = {name: determination.get(name) for name in ("policy_hash", "facts_hash", "engine")}
    facts = (determination["trigger_event_id"], determination["trigger_on"], determination["conditions"])
    now = {
        "policy_hash": policy.digest() if policy else None,
        "facts_hash": facts_hash(*facts),
        "engine": ENGINE,
    }
    same = {name: None if kept[name] is None else kept[name] == now[name] for name in kept}
    return {
        **kept,
        "policy_file": f"policies/{determination['policy_id']}/policy.yaml",
        "policy_hash_now": now["policy_hash"],
        "engine_now": now["engine"],
        "is_policy_unchanged": same["policy_hash"],
        "are_facts_intact": same["facts_hash"],
        "is_engine_same": same["engine"],
    }
