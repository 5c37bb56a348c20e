"""What is wrong with a policy file, with file and line, all of it together."""

from dataclasses import dataclass

_SENTENCES = {  # code → Chinese, English; {found} is what the file says, {valid} what it may say
    "not_yaml": ("不是有效的 YAML：{found}", "not valid YAML: {found}"),
    "missing": ("缺少必填项。应有：{valid}", "a required entry is missing: {valid}"),
    "unknown_entry": ("不认识的条目“{found}”。可用：{valid}", "unknown entry {found!r}; known are: {valid}"),
    "twice": ("“{found}”写了两次", "{found!r} is written twice"),
    "wrong_value": ("写的是“{found}”。应为：{valid}", "found {found!r}; valid is: {valid}"),
    "unknown_condition": ("不认识的条件“{found}”。可用：{valid}", "unknown condition {found!r}; known are: {valid}"),
    "expression_not_readable": ("不是能读懂的表达式：{found}", "cannot be read as an expression: {found}"),
    "expression_no_condition": (
        "表达式得出的不是“是”或“否”：{found}",
        "the expression does not come out as yes or no: {found}",
    ),
    "expression_unknown_word": (
        "词汇表里没有“{found}”。可用：{valid}",
        "the word {found!r} is not known; known are: {valid}",
    ),
    "expression_unknown_function": (
        "没有函数“{found}”。可用：{valid}",
        "unknown function {found!r}; known are: {valid}",
    ),
    "expression_arguments": (
        "给函数的数目不对：{found}。应给：{valid}",
        "a function was given the wrong number of values: {found}; it takes: {valid}",
    ),
    "expression_types_differ": (
        "两边不是同类，不能这样算：{found}。应为：{valid}",
        "these cannot be held against each other: {found}; valid is: {valid}",
    ),
    "expression_no_order": ("“{found}”分不出大小。能分的：{valid}", "{found!r} has no order; what has: {valid}"),
    "expression_no_list": ("“in”后面应是列表，写的是 {found}", "`in` needs a list, found {found}"),
    "expression_empty_list": ("列表是空的：{found}", "the list is empty: {found}"),
    "expression_not_allowed": ("表达式里不能这样写：{found}", "not allowed in an expression: {found}"),
    "unknown_question": (
        "引用了没有登记的待答问题“{found}”。已登记：{valid}",
        "refers to an open question {found!r} that is not listed; listed are: {valid}",
    ),
    "figure_not_stated": (
        "{found} 不在本条“figures”所列数字之中：{valid}",
        "{found} is not among the figures that the clause says it takes from the document: {valid}",
    ),
    "place_not_found": ("文件里找不到“{found}”", "the document has no part {found!r}"),
    "figure_not_found": ("文件的 {valid} 里没有 {found}", "the document does not state {found} in its part {valid}"),
    "dates_gap": (
        "从 {found} 算，中间有日子没有数额；应接上 {valid}",
        "days are left without an amount by {found}; it should join on at {valid}",
    ),
    "dates_overlap": (
        "从 {found} 起，与前一行重叠；前一行到 {valid} 为止",
        "from {found} it overlaps with the row before, which ends on {valid}",
    ),
    "not_whole": ("各出资方合计 {found}%，应为 {valid}%", "the payers' shares add up to {found} percent, not {valid}"),
    "mixed_triggers": (
        "子女的事件和父母的事件不能写在同一条里：{found}。父母的：{valid}",
        "what befalls the child and what befalls a parent cannot stand in one clause: {found}; a parent's are: {valid}",
    ),
    "unknown_benefit": (
        "本文件没有待遇“{found}”。可用：{valid}",
        "no benefit {found!r} in this file; there are: {valid}",
    ),
    "contradicts": (
        "待遇“{found}”与 {valid} 的写法不同，同一待遇只能有一种",
        "the benefit {found!r} is said otherwise at {valid}; one benefit has one kind, payee and amount",
    ),
    "versions_apart": (
        "接替的文件到 {valid} 为止，本文件从 {found} 起：应当次日接上",
        "the version that it replaces ends on {valid} and this one begins on {found}: it should begin the day after",
    ),
    "dates_crossed": ("失效日 {found} 早于生效日 {valid}", "ends on {found}, before it begins on {valid}"),
}


@dataclass(frozen=True)
class PolicyFault:
    """One mistake: where it stands, what was found, and what would be valid."""

    source: str
    line: int  # counted from 1
    place: str  # e.g. clauses[2].amount_fen
    code: str
    found: str
    valid: str

    def sentence(self, lang: str = "zh") -> str:
        """The mistake in words, with file and line first."""
        words = _SENTENCES[self.code][0 if lang == "zh" else 1]
        return f"{self.source}:{self.line}: {self.place}: {words.format(found=self.found, valid=self.valid)}"


class PolicyFaults(Exception):
    """Every mistake of a policy file. `faults` is in the order of the lines."""

    def __init__(self, faults: list[PolicyFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.source, fault.line, fault.place))
        super().__init__("\n".join(fault.sentence() for fault in self.faults))
