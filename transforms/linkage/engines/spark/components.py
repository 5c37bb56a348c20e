"""Connected components on Spark by alternating star contraction.

Each node's neighbours are hung onto the smallest of them, first the larger neighbours (large star), then the smaller
ones (small star), until nothing moves; every component is then one star around its smallest node.
Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii: Connected Components in MapReduce and Beyond (SoCC 2014): the
number of rounds grows with the square of the logarithm of the nodes at the most.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

ROUNDS = 60


def components_on_spark(edges: DataFrame) -> DataFrame:
    """node, component (its smallest node) for every node of the edges (columns a, b); who is in no edge is not told."""
    stars = _settled(edges.where("a <> b").select(F.greatest("a", "b").alias("u"), F.least("a", "b").alias("v")))
    rounds, before = 0, (-1, -1)
    while rounds < ROUNDS and (fingerprint := _fingerprint(stars)) != before:
        before, rounds = fingerprint, rounds + 1
        contracted = _settled(_small_star(_large_star(stars)))
        stars.unpersist()
        stars = contracted
    if rounds == ROUNDS:
        raise ArithmeticError(f"components did not settle in {ROUNDS} rounds; the edges changed while they were read")
    leaves = stars.select(F.col("u").alias("node"), F.col("v").alias("component"))
    centres = stars.select(F.col("v").alias("node"), F.col("v").alias("component"))
    return leaves.unionByName(centres).distinct()


def _settled(edges: DataFrame) -> DataFrame:
    # Written aside once a round: otherwise the plan would hold every round before it. With a checkpoint directory it
    # survives a lost executor.
    if edges.sparkSession.sparkContext.getCheckpointDir():
        return edges.distinct().checkpoint()
    return edges.distinct().localCheckpoint()


def _fingerprint(stars: DataFrame) -> tuple[int, int]:
    row = stars.agg(F.count("*"), F.bit_xor(F.xxhash64("u", "v"))).collect()[0]
    return int(row[0]), int(row[1] or 0)


def _large_star(edges: DataFrame) -> DataFrame:
    both = edges.unionByName(edges.select(F.col("v").alias("u"), F.col("u").alias("v")))
    smallest = both.groupBy("u").agg(F.min("v").alias("m")).select("u", F.least("u", "m").alias("m"))
    return both.where("v > u").join(smallest, "u").select(F.col("v").alias("u"), F.col("m").alias("v"))


def _small_star(edges: DataFrame) -> DataFrame:
    down = edges.distinct()
    smallest = down.groupBy("u").agg(F.min("v").alias("m"))
    hung = down.join(smallest, "u").where("v <> m").select(F.col("v").alias("u"), F.col("m").alias("v"))
    return hung.unionByName(smallest.select("u", F.col("m").alias("v")))
