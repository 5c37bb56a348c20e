"""A mistake in site.toml as data, and its sentence in Chinese and English."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]

_SENTENCES: dict[str, dict[Lang, str]] = {
    "not_toml": {
        "zh": "不是合法的 TOML：{found}",
        "en": "is not valid TOML: {found}",
    },
    "not_utf8": {
        "zh": "文件不是 UTF-8 编码（第 {found} 字节处无法解码）；site.toml 必须存为 UTF-8",
        "en": "is not UTF-8 (byte {found} cannot be decoded); save site.toml as UTF-8",
    },
    "unknown_key": {
        "zh": "没有名为 {found} 的项；可用的有：{valid}",
        "en": "there is no {found}; valid are: {valid}",
    },
    "missing": {"zh": "缺少此项；应为：{valid}", "en": "is missing; valid is: {valid}"},
    "nothing_named": {
        "zh": "一个数据源也没有；至少配置其中之一：{valid}",
        "en": "names no feed; configure at least one of: {valid}",
    },
    "wrong_value": {"zh": "收到 {found}；应为：{valid}", "en": "found {found}; valid is: {valid}"},
    "header_taken": {
        "zh": "表头“{found}”同时对应列 {valid}；一个表头只能对应一列",
        "en": 'the header "{found}" also stands for {valid}; a header can stand for one column only',
    },
    "ends_before_start": {
        "zh": "截止日期 {found} 早于开始日期 {valid}",
        "en": "ends on {found}, before it begins on {valid}",
    },
    "covers_nothing": {
        "zh": "没有写任何申明；至少写一项：{valid}",
        "en": "declares nothing; give at least one of: {valid}",
    },
    "no_dates": {
        "zh": "收到 {found}；这个数据源的记录没有事件日期，只能申明 {valid}",
        "en": "found {found}; the records of this feed have no date of an event: only {valid} can be declared",
    },
    "secret_missing": {
        "zh": "环境中没有 {found}；请设置环境变量 {valid}",
        "en": "{found} is not in the environment; set {valid}",
    },
    "secret_file": {
        "zh": "无法读取 {found} 所指的文件；请检查该文件及其权限",
        "en": "the file that {found} names cannot be read; check it and its permissions",
    },
}
_VALID: dict[str, dict[Lang, str]] = {
    "filled": {"zh": "非空文字", "en": "text that is not empty"},
    "text": {"zh": "带引号的文字", "en": "text in quotes"},
    "texts": {"zh": '文字列表，如 ["…", "…"]', "en": 'a list of texts, such as ["…", "…"]'},
    "table": {"zh": "一个表 [{}]", "en": "a table [{}]"},
    "number": {"zh": "不小于 0 的整数（天）", "en": "a whole number of days, 0 or more"},
    "whole": {"zh": "不小于 0 的整数", "en": "a whole number, 0 or more"},
    "secret": {
        "zh": "环境变量的引用，如 \"${{BIRTHS_SECRET}}\"；密钥本身不得写在 site.toml 中",
        "en": "the name of an environment variable, such as \"${{BIRTHS_SECRET}}\"; a secret never stands in site.toml",
    },
    "key_id": {
        "zh": "报送单位给出的密钥编号（字母、数字、. _ -）",
        "en": "the agency's name of the key: letters, digits, . _ -",
    },
    "network": {
        "zh": "允许连接的网段，如 \"10.20.0.0/16\" 或单个地址",
        "en": "a network that may be connected to, such as \"10.20.0.0/16\", or one address",
    },
    "day": {"zh": "日期，如 \"2024-01-01\"", "en": "a date, such as \"2024-01-01\""},
    "division": {
        "zh": "GB/T 2260 六位行政区划代码，如 \"370303\"",
        "en": "six digits of GB/T 2260, such as \"370303\"",
    },
    "township": {"zh": "九位乡镇街道代码", "en": "nine digits of a township"},
    "place": {
        "zh": "行政区划代码或其前几位（2、4、6、9、12 位），如 \"370303\"",
        "en": "a division code or its beginning (2, 4, 6, 9 or 12 digits), such as \"370303\"",
    },
    "share": {"zh": "0 到 1 之间的数，如 0.9", "en": "a number from 0 to 1, such as 0.9"},
    "count": {"zh": "不小于 0 的整数", "en": "a whole number, 0 or more"},
    "measure": {"zh": "正数", "en": "a number above 0"},
    "yes_no": {"zh": "true 或 false", "en": "true or false"},
    "policy_name": {
        "zh": "policies/ 中的文件夹名，如 \"zhangdian-2020-134\"",
        "en": "a folder of policies/, such as \"zhangdian-2020-134\"",
    },
    "encoding": {
        "zh": "utf-8、gb18030、gbk 等文字编码名",
        "en": "the name of a text encoding: utf-8, gb18030, gbk …",
    },
    "files_url": {
        "zh": "相对于 site.toml 的路径，或 sftp://用户:密码@主机/路径?key=私钥&known_hosts=文件，"
        "或 s3://密钥:密文@桶/路径?endpoint=https://主机&region=区域；密码中的 @ / : % 写作 %40 %2F %3A %25",
        "en": "a path relative to site.toml, or sftp://user:password@host/path?key=…&known_hosts=…, "
        "or s3://key:secret@bucket/path?endpoint=https://…&region=…; @ / : % in a password are written %40 %2F %3A %25",
    },
    "database_url": {
        "zh": "SQLAlchemy 地址，如 sqlite:///warehouse.db 或 postgresql+psycopg://…",
        "en": "a SQLAlchemy URL, such as sqlite:///warehouse.db or postgresql+psycopg://…",
    },
    "http_url": {"zh": "https:// 地址", "en": "an https:// URL"},
    "channel_url": {
        "zh": "Apprise 地址（以 类型:// 开头），或含 url 与 townships 的表",
        "en": "an Apprise URL (beginning with its kind://), or a table with url and townships",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One mistake: the line it stands in, the key, what was found there (never a secret), and what is valid.

    `valid` is either what is valid itself (names, a choice) or the name of a rule that has words in both
    languages.
    """

    line: int
    where: str
    reason_code: str
    found: str
    valid: str
    nearest: str | None = None

    def sentence(self, lang: Lang = "zh") -> str:
        """Line, key, what was found, what is valid, and the nearest valid name where there is one."""
        valid = _VALID[self.valid][lang].format(self.where) if self.valid in _VALID else self.valid
        told = _SENTENCES[self.reason_code][lang].format(found=self.found, valid=valid)
        meant = {"zh": f"。是否想写 {self.nearest}？", "en": f". Did you mean {self.nearest}?"}[lang]
        place = {"zh": f"第 {self.line} 行", "en": f"line {self.line}"}[lang]
        at = f" {self.where}" if self.where else ""
        return f"{place}{at}: {told}{meant if self.nearest else ''}"


class SiteFaults(Exception):
    """Every mistake in one site.toml, in the order of its lines."""

    def __init__(self, path: str, faults: Iterable[Fault]) -> None:
        self.path = path
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.where))
        super().__init__(path, self.faults)

    def __str__(self) -> str:
        return self.sentence("en")

    def sentence(self, lang: Lang = "zh") -> str:
        """A heading and one line a mistake."""
        count = len(self.faults)
        heading = {
            "zh": f"{self.path} 有 {count} 处需要改正，改正后再运行：",
            "en": f"{self.path} has {count} mistake{'s' * (count > 1)}; mend it and run again:",
        }[lang]
        return "\n".join([heading, *(f"  {fault.sentence(lang)}" for fault in self.faults)])
