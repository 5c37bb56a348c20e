"""The two drawings of a night: from the agencies' feeds to the published views, and of one feed column by column."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from transforms.feeds import load_contract
from transforms.feeds.contract import Label
from transforms.lineage.columns import Kind, life_event_columns, told_by
from transforms.lineage.drawing import Edge, Node, draw
from transforms.lineage.stages import load_stages, titles

_RECORDS, _JOINT = "records/*", "joint"
_AGENCIES = Label(zh="机构交付", en="agencies deliver")
_COLUMN_HEADS = (
    Label(zh="交付的表头", en="header as delivered"),
    Label(zh="列", en="column"),
    Label(zh="说的是谁、成为什么事件", en="whom it describes, what event it makes"),
)


def night_graph(
    feeds: Sequence[tuple[str, str, int]], rows: Mapping[str, int], lang: str, label: str, *, alone: bool = False
) -> Markup:
    """From the feeds to the published views. feeds: (feed, status, rows read); rows: table → rows after the night."""
    nodes = [_feed_node(*each, lang) for each in feeds] + [Node(_JOINT, 1, "")]
    edges = [Edge(feed, _JOINT, status) for feed, status, _ in feeds]
    layers = {_JOINT: 1}
    for stage in load_stages():
        reads = [_JOINT] if stage.per_feed else [*stage.reads]
        layer = max(layers[name] for name in reads) + 1
        for table in stage.writes:
            layers[table] = layer
            nodes.append(_table_node(table, layer, rows, lang))
            edges += [Edge(name, table) for name in _drawn_from(reads, table)]
    return draw(nodes, edges, label, heads=_heads(layers, lang), alone=alone)


def _drawn_from(reads: Sequence[str], table: str) -> list[str]:
    """A review pair, like a link, tells on its own line; what links has its line from the pairs alone."""
    if table in ("v_record_links", "v_review_pairs"):
        return ["pairs"]
    return [*reads]


def _feed_node(feed: str, status: str, rows_read: int, lang: str) -> Node:
    contract = load_contract(feed)
    note = f"{rows_read:,} · {_said(contract.agency, lang)}" if status != "quiet" else _said(contract.agency, lang)
    title = feed.replace("_", " ") if lang == "en" else contract.title.zh  # the English titles are long
    return Node(feed, 0, title, note, status, _said(contract.title, lang))


def _table_node(table: str, layer: int, rows: Mapping[str, int], lang: str) -> Node:
    counted = f"{rows[table]:,}" if table in rows else ""
    tone = "view" if table.startswith("v_") else "lake"
    return Node(table, layer, _said(titles("tables")[table], lang), counted or " ", tone, table)


def _heads(layers: Mapping[str, int], lang: str) -> list[str]:
    """Above each layer the stages that write there; above the first, who delivers."""
    found: dict[int, list[str]] = {0: [_said(_AGENCIES, lang)]}
    for stage in load_stages():
        found.setdefault(layers[stage.writes[0]], []).append(_said(stage.title, lang))
    return [" · ".join(found.get(layer, [])) for layer in range(max(layers.values()) + 1)]


def feed_graph(feed: str, headers: Mapping[str, str], lang: str, label: str) -> Markup:
    """One feed column by column: header as delivered → column → whom it describes, and which life event it makes."""
    contract = load_contract(feed)
    nodes, edges = [], []
    for column in contract.columns:
        header = headers.get(column.name, column.header)
        nodes.append(Node(f"h/{column.name}", 0, header, tone=column.sensitivity))
        nodes.append(Node(f"c/{column.name}", 1, column.name, tone=column.sensitivity, tip=column.note or column.name))
        edges.append(Edge(f"h/{column.name}", f"c/{column.name}"))
    told: dict[str, Node] = {}
    for role, field, column_name in told_by(feed):
        name = f"m/{role}/{field}"
        told[name] = Node(
            name, 2, f"{_said(titles('roles')[role], lang)} · {_said(titles('fields')[field], lang)}", tone="lake"
        )
        edges.append(Edge(f"c/{column_name}", name))
    for field, sources in life_event_columns().items():
        for source in sources:
            if source.table == f"records/{feed}" and not source.column.startswith("_"):
                name = f"e/{field}"
                told[name] = Node(name, 2, f"v_life_events.{field}", tone="view")
                edges.append(Edge(f"c/{source.column}", name, _tone(source.kind)))
    heads = [_said(head, lang) for head in _COLUMN_HEADS]
    return draw([*nodes, *told.values()], edges, label, heads=heads, kept=2)


def _tone(kind: Kind) -> str:
    return "decides" if kind is Kind.decides else ""


def _said(label: Label, lang: str) -> str:
    return label.en if lang == "en" else label.zh
