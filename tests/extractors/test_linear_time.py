"""No tagger takes more than linear time: twice the text takes about twice the processor time.

Ratios only: the machine is shared, so nothing is said in seconds. The limit of 3.5 lies between linear (2) and quadratic (4).
"""

import gc
import statistics
import time
from collections.abc import Callable

import pytest

from extractors.gazetteer import load_gazetteer
from extractors.records import Article
from extractors.tagging import tag_article

_LIMIT = 3.5


def _names(count: int) -> str:
    names = sorted({place.name for place in load_gazetteer() if place.kind in ("province", "district")})
    return " ".join(f"{names[number % len(names)]}," + ("\n" if number % 40 == 39 else "") for number in range(count))


_TEXTS: dict[str, tuple[str, Callable[[int], str], int]] = {
    "no spaces": ("vi", lambda n: "xtuầntraHộinghịSêKông" * n, 1_500),
    "one word": ("en", lambda n: "a" * n, 60_000),
    "capitals": ("vi", lambda n: "Nguyễn Văn " * n, 1_500),
    "place names": ("vi", _names, 10_000),
    "digits": ("vi", lambda n: "1234567890" * n, 5_000),
    "digits and points": ("vi", lambda n: "1.234,5/" * n, 2_000),
    "digits in English": ("en", lambda n: "1,234.5-" * n, 2_000),
    "commas": ("vi", lambda n: "A, " * n, 5_000),
    "hyphens": ("vi", lambda n: "Sê-" * n, 5_000),
    "brackets": ("vi", lambda n: "(Lào " * n, 600),
    "blanks": ("vi", lambda n: "ngày" + " " * n, 10_000),
    "bare lines": ("vi", lambda n: "\n" * n, 20_000),
    "Lao": ("lo", lambda n: "ກອງປະຊຸມແຂວງເຊກອງ" * n, 700),
    # many triggers of every type, many parties: what the classifiers weigh
    "types and parties": (
        "vi",
        lambda n: (
            (
                "Công an tỉnh Sê Kông (Lào) và Công an tỉnh Quảng Nam hội đàm, ký biên bản, tuần tra, bàn giao đối tượng, thăm, tập huấn. "
                "Nhân dân huyện Kà Lừm và tỉnh Attapeu tiếp tục hợp tác với Thanh Hóa, Nghệ An.\n"
            )
            * n
        ),
        20,
    ),
    "days of many events": (
        "vi",
        lambda n: "".join(
            f"Ngày {k % 28 + 1}/{k % 12 + 1}/{1990 + k // 12 % 36}, hai bên Việt Nam và Lào hội đàm tại Viêng Chăn. " for k in range(n)
        ),
        60,
    ),
    "sentences": ("vi", lambda n: "Công an tỉnh Sê Kông (Lào) trao tặng 5 suất quà cho Công an tỉnh Quảng Nam ngày 5/9. " * n, 50),
}


def _processor_time(text: str, language: str) -> float:
    article = Article("x", "", "o", "", text, language)
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        tag_article(article)
        return time.process_time() - start
    finally:
        gc.enable()


@pytest.mark.parametrize("name", _TEXTS)
def test_twice_the_text_takes_about_twice_the_time(name: str) -> None:
    language, text, size = _TEXTS[name]
    tag_article(Article("x", "", "o", "", "Công an tỉnh Sê Kông (Lào) họp ngày 5/9.", language))
    small, large = text(size), text(2 * size)
    # interleaved, so that a slower moment of the machine falls on both
    pairs = [(_processor_time(small, language), _processor_time(large, language)) for _ in range(3)]
    ratio = statistics.median(b for _, b in pairs) / statistics.median(a for a, _ in pairs)
    assert ratio < _LIMIT, f"{name}: {pairs}"
