"""Linkage on a cluster: Spark makes the pairs, and the local engine's own functions compare, score and cluster them.

Every function is given a running SparkSession or DataFrames; none starts one. The workers need this package and its
dependencies (docs/spark.md). Not imported by anything else here: pyspark is an extra (`pip install .[spark]`).
"""

from transforms.linkage.engines.spark.clustering import ResolvedOnSpark, cluster_on_spark
from transforms.linkage.engines.spark.frequencies import count_on_spark, freeze_on_spark
from transforms.linkage.engines.spark.linking import link_on_spark
from transforms.linkage.engines.spark.matching import MatchedOnSpark, match_on_spark
from transforms.linkage.engines.spark.training import train_across_on_spark, train_on_spark

__all__ = [
    "MatchedOnSpark",
    "ResolvedOnSpark",
    "cluster_on_spark",
    "count_on_spark",
    "freeze_on_spark",
    "link_on_spark",
    "match_on_spark",
    "train_across_on_spark",
    "train_on_spark",
]
