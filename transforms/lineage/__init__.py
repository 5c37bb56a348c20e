"""Where every published column comes from: stages, tables, the columns behind each; in pictures and events.

`stages.yaml` names the stages of a night; which columns stand behind which is told by the feed contracts, by the
queries themselves where a query makes the table (`queries`), and by the page for the rest. `openlineage` says it in the
words of that specification, `drawing` paints it.
"""

from transforms.lineage.drawing import style as graph_style
from transforms.lineage.graphs import feed_graph, night_graph
from transforms.lineage.openlineage import Moments, NightLineage, lineage_events

__all__ = ["Moments", "NightLineage", "feed_graph", "graph_style", "lineage_events", "night_graph"]
