"""A night in the words of OpenLineage 2.0.2: run events as plain JSON, one run a delivery and one a stage.

The ids of runs follow from site, night and stage, and the moments are the night's own: the same night says the same.
Of single stages no moments are kept, so each bears the night's. Tables and columns are named, never a value of one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from transforms.feeds import load_contract
from transforms.feeds.dictionary import TYPES
from transforms.lineage.columns import Columns, Kind, Source
from transforms.lineage.stages import EACH_FEED, Stage, columns_of, load_stages, of_feeds, titles
from transforms.sql import columns_read

PRODUCER = "urn:nuanxin:lineage"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_VERSIONS = {
    "ColumnLineageDatasetFacet": "1-2-0", "DataQualityAssertionsDatasetFacet": "1-1-0",
    "DatasetVersionDatasetFacet": "1-0-1", "DocumentationDatasetFacet": "1-1-0", "DocumentationJobFacet": "1-1-0",
    "ErrorMessageRunFacet": "1-0-1", "InputStatisticsInputDatasetFacet": "1-0-0", "JobTypeJobFacet": "2-0-4",
    "NominalTimeRunFacet": "1-0-1", "OutputStatisticsOutputDatasetFacet": "1-0-2", "OwnershipDatasetFacet": "1-0-1",
    "ParentRunFacet": "1-2-0", "ProcessingEngineRunFacet": "1-1-1", "SchemaDatasetFacet": "1-2-0",
}  # fmt: skip
_AS = {
    Kind.same: {"type": "DIRECT", "subtype": "IDENTITY"},
    Kind.made: {"type": "DIRECT", "subtype": "TRANSFORMATION"},
    Kind.decides: {"type": "INDIRECT", "subtype": "CONDITIONAL"},
}
_SEVERE = {"delivery": "error", "row": "error", "field": "warn", "warning": "warn"}
Json = dict[str, Any]


@dataclass(frozen=True)
class Moments:
    """When the night began and ended, by the clock of the machine that ran it; UTC."""

    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True)
class NightLineage:
    """What the events are told of: one night of one site."""

    site: str  # six digits of its jurisdiction
    run_id: str
    business_date: date
    moments: Moments
    engine: str
    deliveries: Sequence[Mapping[str, Any]]  # FEED_LOADS of the night, with `reason` in words where it was not taken
    checks: Sequence[Mapping[str, Any]]  # QUALITY of the night
    rows: Mapping[str, int] = field(default_factory=dict)  # table → how many rows it has after the night
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # feed → column → header as delivered
    views: Mapping[str, Sequence[str]] = field(default_factory=dict)  # published view → its columns

    @property
    def namespace(self) -> str:
        """Under which the site's jobs and tables are named."""
        return f"nuanxin://{self.site}"

    def run_of(self, name: str) -> str:
        """The id of a stage's run: the same whenever it is asked for."""
        return str(uuid5(NAMESPACE_URL, f"{self.namespace}/{self.run_id}/{name}"))


def lineage_events(night: NightLineage) -> list[Json]:
    """START and COMPLETE (FAIL of a delivery that was not taken) of the night, of each delivery and of each stage."""
    told = [part for stage in load_stages() for part in (_deliveries if stage.per_feed else _stage)(night, stage)]
    whole = _Part("nightly", "nightly", "every stage of one business date", [], [], {"nominalTime": _nominal(night)})
    events = [_event(night, "START", whole)]
    for part in told:
        events += [_event(night, "START", part), _event(night, "FAIL" if part.failed else "COMPLETE", part)]
    return [*events, _event(night, "COMPLETE", whole)]


@dataclass(frozen=True)
class _Part:
    job: str
    run: str
    says: str
    inputs: list[Json]
    outputs: list[Json]
    facets: Json = field(default_factory=dict)
    failed: bool = False


def _deliveries(night: NightLineage, stage: Stage) -> Iterator[_Part]:
    for load in night.deliveries:
        if not load["delivery"]:
            continue
        feed, taken = load["feed"], load["status"] == "loaded"
        name = f"delivery/{feed}/{load['delivery']}"
        own = [each for each in night.checks if (each["feed"], each["delivery"]) == (feed, load["delivery"])]
        writes = of_feeds(stage.writes, [feed]) if taken else ["v_feed_loads", "v_quality"]
        why = {"errorMessage": _facet("ErrorMessageRunFacet", message=load["reason"], programmingLanguage="none")}
        yield _Part(
            f"{stage.id}/{feed}", f"{stage.id}/{feed}/{load['delivery']}", stage.says.en,
            [_delivered(night, name, load, own)],
            [_table(night, each, {f"delivery/{feed}": name}, rows=_written(each, load)) for each in writes],
            {} if taken else why, not taken,
        )  # fmt: skip


def _written(table: str, load: Mapping[str, Any]) -> int | None:
    """Rows that the delivery brought into a table."""
    records = f"records/{load['feed']}"
    return {"v_feed_loads": 1, "v_quarantine": load["rows_quarantined"], records: load["rows_accepted"]}.get(table)


def _stage(night: NightLineage, stage: Stage) -> Iterator[_Part]:
    inputs = [{**_named(night, each), "facets": {"schema": _schema(night, each)}} for each in of_feeds(stage.reads)]
    outputs = [_table(night, each, {}, rows=night.rows.get(each)) for each in stage.writes]
    yield _Part(stage.id, stage.id, stage.says.en, inputs, outputs)


def _delivered(night: NightLineage, name: str, load: Mapping[str, Any], checks: Sequence[Mapping[str, Any]]) -> Json:
    contract = load_contract(load["feed"])
    headers = night.headers.get(load["feed"], {})
    fields = [{"name": headers.get(each.name, each.header), "type": "text"} for each in contract.columns]
    facets = {
        "schema": _facet("SchemaDatasetFacet", fields=fields),
        "ownership": _facet("OwnershipDatasetFacet", owners=[{"name": contract.agency.id, "type": "AGENCY"}]),
        "documentation": _facet("DocumentationDatasetFacet", description=f"{contract.title.zh} / {contract.title.en}"),
    }
    if load["sha256"]:
        facets["version"] = _facet("DatasetVersionDatasetFacet", datasetVersion=f"sha256:{load['sha256']}")
    seen: Json = {"inputStatistics": _facet("InputStatisticsInputDatasetFacet", rowCount=load["rows_read"])}
    if checks:
        seen["dataQualityAssertions"] = _facet(
            "DataQualityAssertionsDatasetFacet", assertions=[_assertion(each, headers) for each in checks]
        )
    return {"namespace": night.namespace, "name": name, "facets": facets, "inputFacets": seen}


def _assertion(check: Mapping[str, Any], headers: Mapping[str, str]) -> Json:
    feed, column, rule = str(check["check_id"]).split(".", 2)
    known = {each.name: headers.get(each.name, each.header) for each in load_contract(feed).columns}
    told = {"assertion": rule, "success": bool(check["passed"]), "severity": _SEVERE[check["severity"]],
            "name": check["check_id"], "expected": "0", "actual": str(check["rows_failed"])}  # fmt: skip
    return told | ({"column": known[column]} if column in known else {})


def _table(night: NightLineage, table: str, renamed: Mapping[str, str], rows: int | None) -> Json:
    facets = {"schema": _schema(night, table)}
    title = titles("tables")[f"records{EACH_FEED}" if table.startswith("records/") else table]
    facets["documentation"] = _facet("DocumentationDatasetFacet", description=f"{title.zh} / {title.en}")
    if columns := _known(night, table):
        facets["columnLineage"] = _lineage(night, table, columns, renamed)
    counted = {} if rows is None else {"outputStatistics": _facet("OutputStatisticsOutputDatasetFacet", rowCount=rows)}
    return {**_named(night, table), "facets": facets, "outputFacets": counted}


def _known(night: NightLineage, table: str) -> Columns:
    """The columns of which it is told where they come from, and which the table shows outside."""
    shown = night.views.get(table)
    told = columns_of(table, night.headers)
    return {name: sources for name, sources in told.items() if shown is None or name in shown}


def _lineage(night: NightLineage, table: str, columns: Columns, renamed: Mapping[str, str]) -> Json:
    fields = {
        name: {"inputFields": [_input(night, each, renamed) for each in behind]} for name, behind in columns.items()
    }
    facet = _facet("ColumnLineageDatasetFacet", fields=fields)
    if table == "v_determinations":  # which rule reads which column is told by `nuanxin explain`, verdict by verdict
        read = [Source(f"records/{feed}", name, Kind.decides) for feed in night.headers for name in columns_read(feed)]
        facet["dataset"] = [_input(night, each, renamed) for each in read]
    return facet


def _input(night: NightLineage, source: Source, renamed: Mapping[str, str]) -> Json:
    place = {"namespace": night.namespace, "name": renamed.get(source.table, source.table), "field": source.column}
    return place | {"transformations": [dict(_AS[source.kind])]}


def _schema(night: NightLineage, table: str) -> Json:
    if table.startswith("records/"):
        columns = load_contract(table.removeprefix("records/")).columns
        fields = [{"name": each.name, "type": each.type, "description": TYPES[each.type]} for each in columns]
    else:
        fields = [{"name": name} for name in night.views.get(table) or columns_of(table)]
    return _facet("SchemaDatasetFacet", fields=fields)


def _named(night: NightLineage, table: str) -> Json:
    return {"namespace": night.namespace, "name": table}


def _nominal(night: NightLineage) -> Json:
    day = f"{night.business_date}T00:00:00+08:00"
    return _facet("NominalTimeRunFacet", nominalStartTime=day)


def _event(night: NightLineage, kind: str, part: _Part) -> Json:
    """One event; what a run read and wrote in full stands in the last of its events."""
    is_start, is_whole = kind == "START", part.job == "nightly"
    moment = night.moments.started_at if is_start else night.moments.finished_at
    facets: Json = {} if is_start and not is_whole else dict(part.facets)
    if not is_start:
        facets["processing_engine"] = _facet("ProcessingEngineRunFacet", version=night.engine, name="nuanxin")
    if not is_whole:
        whole = {"run": {"runId": night.run_of("nightly")}, "job": {"namespace": night.namespace, "name": "nightly"}}
        facets["parent"] = _facet("ParentRunFacet", **whole)
    return {
        "eventType": kind,
        "eventTime": moment.isoformat().replace("+00:00", "Z"),
        "run": {"runId": night.run_of(part.run), "facets": facets},
        "job": {
            "namespace": night.namespace,
            "name": part.job,
            "facets": {
                "documentation": _facet("DocumentationJobFacet", description=part.says),
                "jobType": _facet("JobTypeJobFacet", processingType="BATCH", integration="NUANXIN", jobType="STAGE"),
            },
        },
        "inputs": [_short(each) for each in part.inputs] if is_start else part.inputs,
        "outputs": [_short(each) for each in part.outputs] if is_start else part.outputs,
        "producer": PRODUCER,
        "schemaURL": _EVENT,
    }


def _short(table: Json) -> Json:
    return {name: table[name] for name in ("namespace", "name")}


def _facet(name: str, /, **told: Any) -> Json:
    url = f"https://openlineage.io/spec/facets/{_VERSIONS[name]}/{name}.json#/$defs/{name}"
    return {"_producer": PRODUCER, "_schemaURL": url, **told}
