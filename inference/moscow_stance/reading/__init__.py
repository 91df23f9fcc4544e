"""Sources of documents: one article, or a stream of many. Every reader yields a `Document` or, where one is bad, a `Failure`."""

from moscow_stance.reading.articles import read_article
from moscow_stance.reading.records import Failure, Item
from moscow_stance.reading.sources import read_source

__all__ = ["Failure", "Item", "read_article", "read_source"]
