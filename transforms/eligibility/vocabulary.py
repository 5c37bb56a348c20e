"""The words that expressions of a policy may use: what each means, and where it stands among the evidence of a case.

A case is a household, what befell its child or a parent, and for some clauses the parent who is asked about. A word
that is unknown says why, by a code whose words stand in words.yaml.
"""

from datetime import date

from transforms.eligibility.covering import OF_CARE, OF_CHILDREN
from transforms.eligibility.entries import Clause, Policy
from transforms.eligibility.expressions import Word

COVERED_FEEDS = (
    "births",
    "adoptions",
    "household_register",
    "only_child_certificates",
    "medical_settlements",
    "care_insurance_claims",
    "low_income",
)


def words_of(clause: Clause, policy: Policy) -> dict[str, Word]:
    """The vocabulary as a clause of a policy sees it, in the order in which it is listed for officers."""
    return {
        **_event(policy), **_document(policy), **_CHILD, **_PARENTS, **_PERSON, **_HOUSEHOLD, **_hukou(policy), **_CARE,
        **_coverage(clause),
    }  # fmt: skip


def bounds(policy: Policy) -> tuple[str, str]:
    """The first and the last day in force, as SQL; a document without an end never ends."""
    first, last = policy.in_force.from_ or date.max, policy.in_force.until or date.max
    return f"DATE '{first.isoformat()}'", f"DATE '{last.isoformat()}'"


def _when(column: str, code: str) -> str:
    return f"CASE WHEN {column} IS NULL THEN '{code}' END"


_ONE_MISSING = "father_person_id IS NULL OR mother_person_id IS NULL"
_LAST = """greatest(father_died_on, mother_died_on) <= coalesce(ruling_on, known_on)
    AND father_died_on IS NOT NULL AND mother_died_on IS NOT NULL
    AND about = CASE WHEN father_died_on > mother_died_on THEN father_person_id ELSE mother_person_id END"""


def _event(policy: Policy) -> dict[str, Word]:
    begins, ends = bounds(policy)
    repeated = f"trigger_on < {begins} AND later_on <= {ends}"
    undated = _when("trigger_on", "event_undated")
    day = {"event_on": "trigger_on"}
    return {
        "event.kind": Word(
            "text", "事件：子女死亡 death、残疾评定 disability，父母死亡 parent_death、一年住院 hospital_year",
            "death or disability of the child, parent_death, hospital_year of a parent", "event_type"),
        "event.on": Word("date", "事件日期", "the day of the event", "trigger_on", unknown=undated, facts=day),
        "event.asked_on": Word(
            "date", "事件日期；生效前评定、有效期内再次评定的，是再次评定那天",
            "the day of the event, or of the assessment that repeats it while the document is in force",
            f"CASE WHEN {repeated} THEN later_on ELSE trigger_on END", unknown=undated),
        "asked.on": Word(
            "date", "适用日：事件那天，或判定这天", "the day that rules: of the event, or today", "ruling_on",
            unknown=undated),
        "event.stands": Word("yes_no", "事件的记录没有作废", "its record was not voided", "stands", facts=day),
        "event.grade": Word(
            "number", "残疾等级，一级最重", "grade of the disability, 1 the gravest", "grade",
            unknown=_when("grade", "grade_missing"),
            facts={"grade": "grade", **day, "assessed_again_on": "nullif(later_on, trigger_on)"}),
        "event.certificate_is_valid": Word(
            "yes_no", "评定所发的残疾人证有效", "the disability certificate of the assessment is valid",
            "CASE WHEN has_valid THEN TRUE WHEN is_cancelled THEN FALSE END",
            unknown="CASE WHEN NOT has_valid AND NOT is_cancelled THEN 'disability_certificate_not_valid' END"),
        "event.is_last_parents_death": Word(
            "yes_no", "父母都已去世，这是后去世的一方（同日的算母亲）",
            "both parents are dead, and this is the later death; of two on one day the mother's",
            f"CASE WHEN NOT ({_ONE_MISSING}) THEN coalesce({_LAST}, FALSE) END",
            unknown=f"CASE WHEN {_ONE_MISSING} THEN 'parent_unknown' END"),
    }  # fmt: skip


def _document(policy: Policy) -> dict[str, Word]:
    begins = "CAST(NULL AS DATE)" if policy.in_force.from_ is None else bounds(policy)[0]
    undated = _when(begins, "document_undated")
    zh, en = "文件生效的第一天", "the first day on which the document is in force"
    return {"document.begins_on": Word("date", zh, en, begins, unknown=undated)}


_CHILD = {
    "child.is_alive": Word("yes_no", "子女在适用日在世", "the child was alive on the day that rules",
                           "NOT coalesce(child_died_on <= coalesce(ruling_on, known_on), FALSE)",
                           facts={"died_on": "child_died_on"}),
    "child.was_adopted": Word("yes_no", "子女已由他人收养", "the child had been adopted by others",
                              "(adopted_on IS NOT NULL)", facts={"adopted_on": "adopted_on"}),
    "child.born_on": Word(
        "date", "子女的出生日期", "birth date of the child", "child_born_on", "child_born_to",
        unknown="""CASE WHEN child_born_on IS NULL THEN 'birth_date_missing'
            WHEN child_born_on <> child_born_to THEN 'birth_dates_differ' END"""),
    "child.is_disabled": Word(
        "yes_no", "子女到适用日为止评定过残疾，残疾人证有效",
        "assessed as disabled by the ruling date, with a valid certificate",
        "CASE WHEN is_assessed THEN TRUE WHEN coalesce(is_assessment_cancelled, TRUE) THEN FALSE END",
        unknown="""CASE WHEN NOT is_assessed AND NOT is_assessment_cancelled
            THEN 'disability_certificate_not_valid' END"""),
    "child.grade": Word(
        "number", "子女到适用日为止最重的有效残疾等级", "the gravest valid grade of the child by the ruling date",
        "child_grade", unknown=_when("child_grade", "grade_missing"), facts={"grade": "child_grade"}),
}  # fmt: skip

_WIFE_UNKNOWN = "mother_person_id IS NULL AND NOT is_half"


def _born(who: str, zh: str, en: str, missing: str = "FALSE", code: str = "parent_unknown") -> Word:
    """A birth date as the records have it: a range where they differ."""
    low, high = f"{who}_born_from", f"{who}_born_to"
    unknown = f"""CASE WHEN {missing} THEN '{code}' WHEN {low} IS NULL THEN 'birth_date_missing'
        WHEN {low} <> {high} THEN 'birth_dates_differ' END"""
    known = "CASE WHEN NOT ({}) THEN {} END"
    return Word("date", zh, en, known.format(missing, low), known.format(missing, high), unknown=unknown)


def _alive(who: str, zh: str, en: str) -> Word:
    there = f"{who}_person_id"
    sql = f"CASE WHEN {there} IS NOT NULL THEN coalesce({who}_died_on > coalesce(ruling_on, known_on), TRUE) END"
    facts = {"died_on": f"{who}_died_on"}
    return Word("yes_no", zh, en, sql, unknown=_when(there, "parent_unknown"), facts=facts, is_seen=True)


_PARENTS = {
    "wife_or_lone_parent.born_on": Word(
        "date", "女方（丧偶或离异的按本人）的出生日期",
        "birth date of the wife, or of a widowed or divorced parent",
        f"CASE WHEN NOT ({_WIFE_UNKNOWN}) THEN born_from END", f"CASE WHEN NOT ({_WIFE_UNKNOWN}) THEN born_to END",
        unknown=f"""CASE WHEN {_WIFE_UNKNOWN} THEN 'wife_unknown' WHEN born_from IS NULL THEN 'birth_date_missing'
            WHEN born_from <> born_to THEN 'birth_dates_differ' END""",
        facts={"by": "CASE WHEN is_wife THEN 'wife' WHEN is_wife = FALSE THEN 'own_age' END"}),
    "wife_or_lone_parent.is_wife": Word(
        "yes_no", "由女方的年龄决定", "whether that is the wife", "is_wife", unknown=_when("is_wife", "wife_unknown")),
    "mother.is_alive": _alive("mother", "母亲在世", "the mother is alive"),
    "mother.born_on": _born("mother", "母亲的出生日期", "birth date of the mother", "mother_person_id IS NULL"),
    "father.is_alive": _alive("father", "父亲在世", "the father is alive"),
    "father.born_on": _born("father", "父亲的出生日期", "birth date of the father", "father_person_id IS NULL"),
}  # fmt: skip

# Only clauses of parent_of_only_child ask about one person: the parent of the case.
_PERSON = {
    "person.is_alive": Word(
        "yes_no", "本人在世", "the parent asked about is alive",
        "coalesce(person_died_on > coalesce(ruling_on, known_on), TRUE)", facts={"died_on": "person_died_on"}),
    "person.born_on": _born("person", "本人的出生日期", "birth date of the parent asked about"),
    "person.is_mother": Word("yes_no", "本人是母亲", "the parent asked about is the mother", "is_subject_mother"),
}  # fmt: skip

_HOUSEHOLD = {
    "household.has_living_parent": Word(
        "yes_no", "父母至少一方在世", "at least one parent is alive", "CASE WHEN alive > 0 THEN TRUE END",
        unknown="CASE WHEN coalesce(alive, 0) = 0 THEN 'no_surviving_parent' END", facts={"alive": "alive"}),
    "household.living_parents": Word(
        "number", "在世的父母人数", "how many parents are alive",
        "CASE WHEN alive > 0 OR is_half OR (father_person_id || mother_person_id) IS NOT NULL THEN alive END",
        unknown="CASE WHEN coalesce(alive, 0) = 0 THEN 'parent_unknown' END", facts={"alive": "alive"}),
    "household.is_divorced": Word(
        "yes_no", "父母已离婚，各算一户", "the parents are divorced, each of them is a household", "is_half"),
    "household.has_other_child": Word(
        "yes_no", "另有子女（再生育或收养）", "there is another child, born or adopted",
        "CASE WHEN other_child_id IS NOT NULL THEN TRUE WHEN unsure_child_id IS NULL THEN FALSE END",
        unknown="CASE WHEN other_child_id IS NULL AND unsure_child_id IS NOT NULL THEN 'stepchild_or_own' END",
        facts={"other_child_id": "coalesce(other_child_id, unsure_child_id)", "since_on": "other_since_on",
               "by": "other_relation"}, is_seen=True, known_on="other_known_on"),
    "household.has_later_birth": Word(
        "yes_no", "事件以后又生育", "a child was born to it after the event", "(later_birth_on IS NOT NULL)",
        facts={"since_on": "later_birth_on"}),
    "household.later_birth_on": Word(
        "date", "事件以后又生育的日期", "the day on which a child was born to it after the event", "later_birth_on",
        unknown=_when("later_birth_on", "no_later_birth"), facts={"since_on": "later_birth_on"}),
    "household.has_later_adoption": Word(
        "yes_no", "事件以后又收养", "a child was adopted by it after the event",
        "(later_adoption_on IS NOT NULL)", facts={"since_on": "later_adoption_on"}),
    "household.certificate_is_in_force": Word(
        "yes_no", "独生子女证有效", "an only-child certificate is in force at the event",
        "CASE WHEN is_in_force THEN TRUE END",
        unknown="""CASE WHEN is_in_force THEN NULL WHEN is_certified IS NULL THEN 'no_certificate'
            WHEN is_all_later THEN 'certificate_issued_later' ELSE 'certificate_voided' END""",
        facts={"certificate_no": "certificate_no", "issued_on": "issued_on", "voided_on": "voided_on"}, is_seen=True),
    "household.is_low_income": Word(
        "yes_no", "在低保、低收入名册上", "a parent stands on the list of low income",
        "CASE WHEN is_low_income THEN TRUE WHEN coverage_low_income.is_delivered THEN FALSE END",
        unknown="CASE WHEN NOT coalesce(is_low_income, FALSE) THEN 'coverage_low_income' END", is_seen=True),
    "household.income_last_year": Word(
        "number", "上年度家庭总收入（元）", "income of the household in the year before, in yuan", "income_yuan",
        unknown=_when("income_yuan", "income_unknown"), facts={"income_yuan": "income_yuan"}),
    "household.is_urban": Word(
        "yes_no", "城镇户口（各类数据都不带，须询问）", "of a town; no feed shows it, somebody has to ask",
        "CAST(NULL AS BOOLEAN)", unknown="'urban_or_rural'"),
}  # fmt: skip


def _hukou(policy: Policy) -> dict[str, Word]:
    """Whether a parent is registered where the document holds: a province, a city or a county by its code."""
    area = policy.jurisdiction.rstrip("0")
    area += "0" * (len(area) % 2)  # 370300 is 3703, 110000 is 11, 371000 is 3710
    here = f"len(list_filter(hukou_codes, lambda code: starts_with(code, '{area}'))) > 0"
    sql = f"CASE WHEN {here} THEN TRUE WHEN len(hukou_codes) > 0 THEN FALSE END"
    unknown = "CASE WHEN coalesce(len(hukou_codes), 0) = 0 THEN 'hukou_unknown' END"
    zh, en = "父母一方户籍在本文件适用的地区", "a parent is registered where the document holds"
    facts = {"hukou_codes": "array_to_string(list_sort(hukou_codes), ', ')"}
    return {"household.has_hukou_here": Word("yes_no", zh, en, sql, unknown=unknown, facts=facts, is_seen=True)}


# Of a hospital_year: what the settlements and claims of that parent say of that calendar year.
_CARE = {
    "person.hospital_days": Word(
        "number", "当年住院天数", "days in hospital in that year", "hospital_days",
        unknown=_when("hospital_days", "no_settlement"), facts={"hospital_days": "hospital_days"}),
    "person.days_claimed": Word(
        "number", "当年已理赔的住院天数", "days of that year that the insurer has paid", "days_claimed",
        unknown=_when("days_claimed", "no_settlement"), facts={"days_claimed": "days_claimed"}),
    "person.paid_yuan": Word(
        "number", "当年住院，报销、理赔、救助以后个人实付（元）",
        "paid by the person for hospital stays of that year after insurance, claims and aid, in yuan", "paid_yuan",
        unknown=_when("paid_yuan", "no_settlement"), facts={"paid_yuan": "paid_yuan"}),
}  # fmt: skip


def _coverage(clause: Clause) -> dict[str, Word]:
    return {f"coverage.{feed}": _covered(feed, clause) for feed in COVERED_FEEDS}


def _covered(feed: str, clause: Clause) -> Word:
    # Fresh tonight, or delivered since the event became known: what has once been answered stays answered.
    row = f"coverage_{feed}"
    fresh = f"{row}.is_fresh AND {row}.load_status NOT IN ('blocked', 'failed', 'missing', 'stale')"
    since = f"OR {row}.last_delivered_on >= known_on" if clause.rules_on == "event_date" else ""
    covered = f"coalesce({row}.is_delivered AND (({fresh}) {since}), FALSE)"
    in_place, in_time, holes = f"is_place_{feed}", f"is_time_{feed}", f"holes_{feed}"
    facts = {
        "feed": f"'{feed}'",
        "last_delivered_on": f"CASE WHEN NOT ({covered}) THEN {row}.last_delivered_on END",
        "covers_from": f"{row}.covers_from",
        "covers_places": f"CASE WHEN NOT {in_place} THEN {row}.places END",
        "declared_from": f"CASE WHEN NOT {in_time} THEN {row}.declared_from END",
        "declared_until": f"CASE WHEN NOT {in_time} THEN {row}.declared_until END",
        "holes": holes,
        **_earlier(feed),
    }
    zh, en = (
        f"{feed} 的数据到达且未过期，申明的地方、时间包括这一户",
        f"{feed}: delivered, fresh, covers place and time",
    )
    unknown = f"""CASE WHEN NOT ({covered}) THEN 'coverage_{feed}' WHEN NOT {in_place} THEN 'coverage_other_places'
        WHEN NOT {in_time} THEN 'coverage_other_times' WHEN {holes} IS NOT NULL THEN 'coverage_holes' END"""
    sql = f"CASE WHEN {covered} AND {in_place} AND {in_time} AND {holes} IS NULL THEN TRUE END"
    is_seen = feed not in OF_CARE  # no visitor sees a settlement
    return Word("yes_no", zh, en, sql, unknown=unknown, facts=facts, is_seen=is_seen)


def _earlier(feed: str) -> dict[str, str]:
    """What is said of the time before a feed begins, where the case asks for it."""
    begins = f"coverage_{feed}.covers_from"
    if feed in OF_CHILDREN:
        return {"carried_by_certificate": f"CASE WHEN {begins} IS NULL OR {begins} > child_born_on THEN TRUE END"}
    if feed in OF_CARE:
        return {"earlier_not_in": f"CASE WHEN {begins} > date_trunc('year', trigger_on) THEN '{feed}' END"}
    return {}
