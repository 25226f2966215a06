"""Networks on the bytes: weights taken off the inputs, sizes set free."""

import numpy as np
import onnxruntime
import pytest

from redaction.detect.onnx_graph import BrokenModel, free
from tests.redaction.street_builders import a_network

ANSWER = np.arange(6, dtype=np.float32).reshape(2, 3)


def _session(content: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def test_weights_are_no_longer_among_the_inputs() -> None:
    content = a_network(ANSWER, weights_among_inputs=True)

    session = _session(free(content))

    assert len(_session(content).get_overridable_initializers()) == 2
    assert not session.get_overridable_initializers()
    assert [each.name for each in session.get_inputs()] == ["picture"]


@pytest.mark.parametrize("size", [(32, 32), (64, 96)])
def test_a_freed_network_takes_a_picture_of_any_size_and_answers_the_same(size: tuple[int, int]) -> None:
    session = _session(free(a_network(ANSWER, weights_among_inputs=True)))

    [answer] = session.run(None, {"picture": np.ones((1, 3, *size), np.float32)})

    assert answer.tolist() == ANSWER.tolist()


@pytest.mark.parametrize(
    "content",
    [b"not a network", b"\x3a\xff\xff\x01short", b"\x08" + b"\xff" * 12, b"\x0b", b"\x3a\x03\x5a\x07\x01"],
    ids=["text", "cut short", "endless number", "old wire type", "cut inside"],
)
def test_bytes_that_are_no_network_are_refused(content: bytes) -> None:
    with pytest.raises(BrokenModel, match="not a network"):
        free(content)


def test_fields_of_fixed_width_pass_unchanged() -> None:
    fixed = b"\x65\x01\x02\x03\x04" + b"\x61" + bytes(8)

    assert free(fixed) == fixed
