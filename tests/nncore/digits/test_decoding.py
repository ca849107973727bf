"""Picture files that are too large, damaged or made to break a decoder end in one sentence."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nncore.digits import decoding
from nncore.digits.collection import DigitError
from nncore.digits.decoding import decode
from tests.nncore.digits.conftest import save

ROOT = Path(__file__).parents[3]


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))


def png_bomb(width: int, height: int, *, first: tuple[int, int] | None = None) -> bytes:
    """A PNG of zeros; with `first` its first header names another, harmless size."""
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(b"\0" * (4 * width + 1)) for _ in range(height))
    harmless = b"" if first is None else header(*first)
    body = harmless + header(width, height) + chunk(b"IDAT", data + packer.flush())
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def one_colour(kind: str, side: int, mode: str = "1") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (side, side)).save(file, kind)
    return file.getvalue()


def webp_header(side: int) -> bytes:
    size = (side - 1).to_bytes(3, "little")
    return b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + size + size + b"\0" * 20


def heic_bomb() -> bytes:
    """A small HEIC whose header names a huge size."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = one_colour("HEIF", 64, "RGB")
    place = data.index(b"ispe") + 8
    return data[:place] + struct.pack(">II", 16_000, 16_000) + data[place + 8 :]


BOMBS = {
    "PNG": lambda: png_bomb(8_000, 8_000),
    "PNG with two headers": lambda: png_bomb(6_900, 6_900, first=(28, 28)),
    "PNG of 40 megapixels": lambda: png_bomb(6_300, 6_300),
    "GIF": lambda: one_colour("GIF", 8_000, "P"),
    "BMP": lambda: one_colour("BMP", 8_000),
    "JPEG": lambda: one_colour("JPEG", 8_000, "L"),
    "JPEG of many passes": lambda: save(np.zeros((64, 64)), "JPEG") + b"\xff\xda" * 200,
    "WebP": lambda: webp_header(16_000),
    "HEIC": heic_bomb,
}

#: Decodes a file; prints its sentence, the seconds, and the megabytes by which memory grew.
PROGRAM = """
import resource, sys, time
from nncore.digits.decoding import decode
from nncore.digits.collection import DigitError
import pillow_heif
data = open(sys.argv[1], "rb").read()
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
try:
    decode(data)
    sentence = "decoded"
except DigitError as error:
    sentence = str(error)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.monotonic() - start, (after - before) / 1024, sentence)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_in_a_sentence_within_bounds(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb"
    file.write_bytes(BOMBS[name]())
    command = [sys.executable, "-c", PROGRAM, str(file)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, megabytes, sentence = run.stdout.strip().split(" ", 2)
    assert sentence != "decoded"
    assert sentence.count(". ") <= 1
    assert float(seconds) < 2
    assert float(megabytes) < 100


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty"),
        (b"%PDF-1.4", "not a picture that the lab can read: PNG, JPEG, WebP, BMP, GIF, HEIC"),
        (b"GIF89a" + b"\0" * 40, "not a picture|damaged|million pixels"),
        (b"\x89PNG\r\n\x1a\n" + header(28, 28) + b"\0" * 40, "damaged|not a picture"),
        (save(np.zeros((280, 280)))[:-60], "This PNG picture is damaged"),
        (save(np.zeros((280, 280)), "JPEG")[:-500], "This JPEG picture is damaged"),
        (b"\0" * (decoding.MOST_BYTES + 1), "A file may have 20 MB"),
    ],
)
def test_what_cannot_be_decoded_gets_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(DigitError, match=sentence):
        decode(data)


def test_a_photo_of_50_megapixels_is_read_at_a_reduced_scale() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (600, 800), np.uint8)
    photo = Image.fromarray(noise).resize((8000, 6000), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=60)
    start = time.monotonic()
    pixels = decode(file.getvalue())
    assert max(pixels.shape) == decoding.SIDE
    assert time.monotonic() - start < 10


def test_16_bits_of_grey_keep_their_contrast() -> None:
    pixels = np.zeros((40, 40), np.uint16)
    pixels[10:30] = 65535
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    assert decode(file.getvalue())[20, 20] == 255
