"""Invented stories: each address of the torture press has one of its own, the same in every run."""

from __future__ import annotations

import hashlib

_PLACES = (
    "Lao Bảo",
    "Sê Pôn",
    "Hướng Phùng",
    "La Lay",
    "Cha Lo",
    "Cầu Treo",
    "Nậm Cắn",
    "Na Mèo",
    "Tây Trang",
    "Bờ Y",
    "A Đớt",
    "Thanh Thủy",
)
_FORCES = (
    ("Công an tỉnh Quảng Trị", "Công an tỉnh Savannakhet"),
    ("Công an tỉnh Nghệ An", "Công an tỉnh Xiêng Khoảng"),
    ("Bộ đội Biên phòng tỉnh Thanh Hóa", "Công an tỉnh Hủa Phăn"),
    ("Công an tỉnh Hà Tĩnh", "Công an tỉnh Bôlykhămxay"),
    ("Công an tỉnh Sơn La", "Công an tỉnh Luông Pha Băng"),
)
_THINGS = ("máy vi tính", "bộ bàn ghế", "tấm chăn", "túi thuốc", "đèn năng lượng mặt trời", "bộ áo mưa", "xe đạp")


def story(address: str) -> tuple[str, tuple[str, ...]]:
    """Title and paragraphs of the story at an address."""
    number = int.from_bytes(hashlib.sha256(address.encode()).digest()[:6], "big")
    place, (ours, theirs), thing = (table[number // 97**power % len(table)] for power, table in enumerate((_PLACES, _FORCES, _THINGS)))
    count, day = 5 + number % 89, 1 + number % 27
    title = f"{ours} trao tặng {count} {thing} ở {place}"
    return title, (
        f"Ngày {day}/3/2026, tại {place}, {ours} (Việt Nam) trao tặng {theirs} (Lào) {count} {thing} để làm việc ở các cụm bản giáp biên.",
        f"Số {thing} này do cán bộ, chiến sĩ hai bên cùng góp, được đưa lên bằng bốn chuyến xe trong tuần đầu của tháng.",
        "Đại diện đơn vị nhận quà bày tỏ lời cảm ơn và mong việc qua lại giữa hai đơn vị tiếp tục như những năm vừa qua.",
    )


def story_page(
    address: str, *, title: str | None = None, body: str | None = None, head: str = "", opening: str = "", closing: str = ""
) -> str:
    """The page of a story, between things that are none. `opening` and `closing` stand inside the article, around its paragraphs."""
    own, paragraphs = story(address)
    title = own if title is None else title
    inner = body if body is not None else "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body><nav><a href="/">Đầu trang</a></nav>'
        f"<article><h1>{title}</h1>{opening}{inner}{closing}</article><footer>Liên hệ tòa soạn</footer></body></html>"
    )
