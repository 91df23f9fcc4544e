"""What a label is and which we have: codebook, scheme, actors, text -> units, labelled rows, agreement.

This package knows no model. `moscow_stance` (scoring) and `moscow_training` build on it; it imports neither.
"""

from moscow_labels.records import Document, Mention, Sentence, Span, Unit
from moscow_labels.scheme import Kind, Sentiment, Stance

__all__ = ["Document", "Kind", "Mention", "Sentence", "Sentiment", "Span", "Stance", "Unit"]
