"""Labelled rows -> a model: encoder, head, evaluation, MLflow tracking, export."""
