"""Fitting a stored network to pictures of any size, on the bytes of its file.

Old exporters list a network's weights among its inputs, which stops the runtime from folding constants and
fills the log, and fix the size of the picture. Both are undone here, so that no further package is needed.
Only the fields named below are looked at (onnx.proto, protocol buffers' wire format).
"""

from collections.abc import Iterator

_GRAPH = 7  # of ModelProto
_INITIALIZER, _INPUT, _OUTPUT, _INNER_SHAPES = 5, 11, 12, 13  # of GraphProto
_TENSOR_NAME = 8
_NAME, _TYPE = 1, 2  # of ValueInfoProto
_TENSOR_TYPE, _ELEMENT = 1, 1
_BYTES = 2

Field = tuple[int, int, memoryview, memoryview]  # number, wire type, whole field, content


class BrokenModel(ValueError):
    """The bytes are not a network in the ONNX format."""


def free(model: bytes) -> bytes:
    """This will give the same network without weights among its inputs and without fixed sizes.

    :raises BrokenModel: when the bytes cannot be read as one.
    """
    try:
        parts = [
            _put(_GRAPH, _freed(content)) if number == _GRAPH else bytes(whole)
            for number, _, whole, content in _fields(memoryview(model))
        ]
    except (IndexError, ValueError, UnicodeDecodeError) as error:
        raise BrokenModel("the file is not a network in the ONNX format") from error
    return b"".join(parts)


def _freed(graph: memoryview) -> bytes:
    fields = list(_fields(graph))
    weights = {_text(content, _TENSOR_NAME) for number, _, _, content in fields if number == _INITIALIZER}
    parts: list[bytes] = []
    for number, _, whole, content in fields:
        if number == _INNER_SHAPES or (number == _INPUT and _text(content, _NAME) in weights):
            continue
        parts.append(_put(number, _without_shape(content)) if number in (_INPUT, _OUTPUT) else bytes(whole))
    return b"".join(parts)


def _without_shape(value: memoryview) -> bytes:
    kept = []
    for number, _, whole, content in _fields(value):
        if number != _TYPE:
            kept.append(bytes(whole))
            continue
        for inner, _, inner_whole, inner_content in _fields(content):
            if inner != _TENSOR_TYPE:
                kept.append(_put(_TYPE, bytes(inner_whole)))
                continue
            element = b"".join(bytes(part) for name, _, part, _ in _fields(inner_content) if name == _ELEMENT)
            kept.append(_put(_TYPE, _put(_TENSOR_TYPE, element)))
    return b"".join(kept)


def _text(message: memoryview, wanted: int) -> str:
    return next((str(content, "utf-8") for number, _, _, content in _fields(message) if number == wanted), "")


def _fields(message: memoryview) -> Iterator[Field]:
    place = 0
    while place < len(message):
        start = place
        key, place = _number(message, place)
        number, wire = key >> 3, key & 7
        if wire == _BYTES:
            length, place = _number(message, place)
            content = message[place : place + length]
            if len(content) < length:
                raise ValueError("cut short")
            place += length
        elif wire == 0:
            begin = place
            _, place = _number(message, place)
            content = message[begin:place]
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
            content = message[place : place + length]
            place += length
        else:
            raise ValueError("a wire type that is not used")
        yield number, wire, message[start:place], content


def _number(message: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("a number that never ends")


def _put(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
