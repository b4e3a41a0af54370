"""Small pictures as PNG, written out by hand: a report needs no other file and no library."""

import base64
import struct
import zlib

import numpy as np

from explorer.network.graph import Floats

_MOST = 128  # rows or columns


def picture(values: Floats, color: str = "#000000") -> str:
    """Draw numbers from 0 to 1 as pixels that let the page shine through where they are small.

    Parameters
    ----------
    values : array, shape (rows, columns)
        NaN is drawn as nothing.
    color : str
        Of a pixel at 1, as ``#RRGGBB``; its opacity is the number.

    Returns
    -------
    str
        A data URL of a PNG file, one pixel a number; of more than 128 rows or columns, the largest
        of a few neighbours.

    References
    ----------
    W3C (2003), Portable Network Graphics (PNG) Specification, second edition.
    """
    opacity = np.clip(np.nan_to_num(_smaller(values)), 0.0, 1.0)
    pixels = np.empty((*opacity.shape, 4), dtype=np.uint8)
    pixels[..., :3] = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    pixels[..., 3] = np.rint(255 * opacity)
    return _data_url(pixels)


def grey_picture(values: Floats) -> str:
    """Draw numbers from 0, black, to 1, white; NaN is see-through. See ``picture``.

    Of shape (rows, columns), or in colour (rows, columns, 3), of which about 128 rows are drawn.
    """
    if values.ndim > 2:
        step = -(-max(values.shape[:2]) // _MOST)
        coloured = np.clip(values[::step, ::step], 0.0, 1.0)
        opaque = np.full((*coloured.shape[:2], 1), 255)
        shown = np.concatenate([np.rint(255 * coloured), opaque], axis=2)
        return _data_url(shown.astype(np.uint8))
    known = np.isfinite(values)
    pixels = np.empty((*values.shape, 4), dtype=np.uint8)
    pixels[..., :3] = np.rint(255 * np.clip(np.nan_to_num(values), 0.0, 1.0))[..., None]
    pixels[..., 3] = np.where(known, 255, 0)
    return _data_url(pixels)


def _smaller(values: Floats) -> Floats:
    rows, columns = (-(-size // _MOST) for size in values.shape)
    if rows == columns == 1:
        return values
    padding = [(0, -size % step) for size, step in zip(values.shape, (rows, columns), strict=True)]
    padded = np.pad(values, padding)
    height, width = padded.shape[0] // rows, padded.shape[1] // columns
    return np.asarray(padded.reshape(height, rows, width, columns).max(axis=(1, 3)))


def _data_url(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    height, width, _ = pixels.shape
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)  # 0: no filter
    content = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))  # 8 bit RGBA
        + _chunk(b"IDAT", zlib.compress(lines, 9))
        + _chunk(b"IEND", b"")
    )
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
