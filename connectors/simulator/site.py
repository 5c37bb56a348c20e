"""The site.toml of the invented district."""

from connectors.simulator.days import calendar
from connectors.simulator.formats import FORMATS
from connectors.simulator.world import Nights

_HEAD = """\
[site]
name = "张店区卫生健康局（虚构）"
jurisdiction = "370303"
policies = ["zhangdian-2020-134"]
alerts_since = "{since}"

[warehouse]
url = "sqlite:///warehouse.db"
"""
_FEED = """
[feeds.{feed}]
connector = "files"
url = "inbox/{feed}"
encoding = "{encoding}"
mode = "delta"
sentinel = "optional"
max_age_days = 2
"""


def site_toml(nights: Nights) -> str:
    """All eleven feeds as files."""
    feeds = [_FEED.format(feed=feed, encoding=encoding) for feed, (_, encoding) in FORMATS.items()]
    return _HEAD.format(since=calendar(nights.alerts_since)) + "".join(feeds) + "\n[notify]\nchannels = []\n"
