"""Make an exported graph small and fast: int8 matrix products, an int8 word table, and every optimisation done before it is shipped.

Chosen by `moscow_training.benchmarks.parity` on validation rows. Activations are quantised as they come (dynamically), one scale per
matrix product, weights with one scale per column and to seven bits: without VNNI a processor adds pairs of products in 16 bits, which
eight-bit weights overflow, so that the same model would give other answers on another machine.
"""

import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FP32, INT8, MIXED = "fp32", "int8", "mixed"
FORMS = (FP32, INT8, MIXED)
KEPT = 2
"""Matrix products that `MIXED` leaves in fp32: the two of all 36 whose inputs have the worst outliers."""

BLOCK = 32
LARGE = 1_000_000
"""A table of this many values is a word table and is stored in int8; the others are small."""

_SLOW = ["SkipLayerNormFusion", "BiasSkipLayerNormFusion"]
"""onnxruntime fuses a sum and a normalisation into a node that is slower than both (seen with 1.32 on AVX-512)."""


def quantise(source: Path, target: Path, form: str, *, keep: Collection[str] = ()) -> None:
    """Write the graph at `source` in one of `FORMS`, optimised, to `target`; the products named in `keep` stay in fp32."""
    if form not in FORMS:
        raise ValueError(f"form {form!r} is none of {', '.join(FORMS)}")
    if form == FP32:
        _optimise(source, target)
        return
    step = source.with_suffix(".dynamic.onnx")
    _quantise_products(source, step, keep)
    _optimise(step, target)
    _quantise_table(target)


def _quantise_products(source: Path, target: Path, keep: Collection[str]) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(str(source)).graph
    constant = {tensor.name for tensor in graph.initializer}
    products = [node.name for node in graph.node if node.op_type == "MatMul" and node.input[1] in constant and node.name not in keep]
    logging.disable(logging.WARNING)  # it recommends a preparation that `_optimise` makes needless
    try:
        quantize_dynamic(
            str(source),
            str(target),
            op_types_to_quantize=["MatMul"],
            nodes_to_quantize=products,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    finally:
        logging.disable(logging.NOTSET)


def _optimise(source: Path, target: Path) -> None:
    """Let onnxruntime fuse what it can without looking at this machine's processor, and keep the result."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    ort.InferenceSession(str(source), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW)


def _quantise_table(path: Path) -> None:
    """Store the word table as int8 with a scale per block of `BLOCK` values; only the rows of a sentence are turned back."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(path))
    graph = model.graph
    tables: dict[str, Any] = {t.name: t for t in graph.initializer if t.data_type == TensorProto.FLOAT and np.prod(t.dims) >= LARGE}
    nodes = []
    for node in graph.node:
        table = tables.pop(node.input[0], None) if node.op_type == "Gather" else None
        if table is None:
            nodes.append(node)
            continue
        values = numpy_helper.to_array(table)
        codes, scale = block_codes(values)
        name, ids, found = table.name, node.input[1], node.output[0]
        graph.initializer.remove(table)
        shape = np.array([0, 0, values.shape[1]], dtype=np.int64)
        parts: dict[str, Any] = {"codes": codes, "scale": scale, "shape": shape}
        graph.initializer.extend([numpy_helper.from_array(part, f"{name}_{suffix}") for suffix, part in parts.items()])
        nodes += [
            helper.make_node("Gather", [f"{name}_codes", ids], [f"{name}_row_codes"]),
            helper.make_node("Cast", [f"{name}_row_codes"], [f"{name}_rows"], to=TensorProto.FLOAT),
            helper.make_node("Gather", [f"{name}_scale", ids], [f"{name}_row_scale"]),
            helper.make_node("Mul", [f"{name}_rows", f"{name}_row_scale"], [f"{name}_blocks"]),
            helper.make_node("Reshape", [f"{name}_blocks", f"{name}_shape"], [found]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, str(path))


def block_codes(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 codes (rows, blocks, BLOCK) and fp32 scales (rows, blocks, 1) of a table (rows, width)."""
    blocks = table.reshape(len(table), -1, BLOCK)
    scale = np.maximum(np.abs(blocks).max(axis=2, keepdims=True) / 127, 1e-12).astype(np.float32)
    return np.clip(np.round(blocks / scale), -127, 127).astype(np.int8), scale
