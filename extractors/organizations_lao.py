"""Lao organizations: a head, what follows it up to a word that belongs to no name, and the place it serves.

Lao is written without spaces between words, so a name ends at a stop word, a sign, or behind the place named in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from extractors.records import Evidence, OrganizationMention, PlaceMention

Side = Callable[[int, int], tuple[str | None, str | None, str | None, float]]

_HEADS = (
    "ກອງບັນຊາການ ປກສ", "ກອງບັນຊາການ ປກຊ", "ກະຊວງ ປກສ", "ທະຫານຊາຍແດນ", "ຕຳຫຼວດຊາຍແດນ", "ຕຳຫຼວດແຂວງ", "ຕຳຫຼວດເມືອງ", "ກອງທັບປະຊາຊົນ", "ກອງທັບລາວ", "ສະຖານກົງສູນໃຫຍ່", "ສະຖານກົງສຸນໃຫຍ່", "ກົງສຸນໃຫຍ່", "ກົງສູນໃຫຍ່", "ມູນນິທິ",
    "ໂຮງຮຽນມັດທະຍົມ", "ກອງບັນຊາການ", "ກະຊວງ", "ກອງຮ້ອຍ", "ກອງພັນ", "ພະແນກການ", "ພະແນກ", "ສານປະຊາຊົນ", "ສະມາຄົມ", "ສະຫະພັນ", "ໂຮງໝໍ", "ມະຫາວິທະຍາໄລ",
    "ຄະນະປະຈຳພັກ", "ປກສ", "ສະຖານທູດ", "ສຳນັກງານ", "ກົມຕຳຫຼວດ", "ກົມໃຫຍ່", "ປ້ອມທະຫານ", "ຄະນະກຳມະການ", "ສະພາປະຊາຊົນ", "ລັດຖະບານ", "ຄ້າຍຕຳຫຼວດ", "ຄ້າຍຕໍາຫຼວດ", "ຄ້າຍທະຫານ", "ອົງການ", "ວິທະຍາໄລ", "ສູນກາງ", "ແນວລາວສ້າງຊາດ",
)  # fmt: skip
_STOPS = (
    "ໄດ້", "ແລະ", "ຮ່ວມ", "ຈະ", "ໃຫ້", "ຢູ່", "ກັບ", "ທີ່", "ຊຶ່ງ", "ເປັນ", "ພ້ອມ", "ນຳ", "ຂອງ", "ໃນ", "ວ່າ", "ສະແດງ", "ຕໍ່", "ໂດຍ", "ມີ", "ເພື່ອ", "ຕາງໜ້າ", "ລະຫວ່າງ", "ເຂົ້າ", "ຈັດ", "ສົ່ງ", "ຈັບ", "ມອບ", "ເຄື່ອນໄຫວ", "ໄປມາ", "ຢັ້ງຢືນ", "ນາງ", "ເອງ", "ສອງ", "ແຫ່ງໜຶ່ງ",
)  # fmt: skip
_NAME = re.compile(
    rf"(?:{'|'.join(_HEADS)})(?:(?!{'|'.join(_STOPS)})[\u0e80-\u0eff])*(?:(?<=ແຂວງ) (?:(?!{'|'.join(_STOPS)})[\u0e80-\u0eff])+| ?(?:ແຂວງ|ເມືອງ|ເຂດ|ນະຄອນຫຼວງ) ?(?:(?!{'|'.join(_STOPS)})[\u0e80-\u0eff])+| ?(?:(?<=ຊາຍແດນ)|(?<=ຊາຍແດນ )|(?<=ທະຫານ)|(?<=ທະຫານ )|(?<=ທະຫານເຂດ)|(?<=ທະຫານເຂດ ))\d{{1,4}}(?!\d))?"
)
_KINDS = (
    (("ຊາຍແດນ",), "border_guard"),
    (("ທະຫານ", "ປ້ອງກັນປະເທດ", "ກອງພັນ"), "military"),
    (("ຄວາມສະຫງົບ", "ຕຳຫຼວດ", "ປກສ", "ປກຊ", "ຕໍາຫຼວດ"), "police"),
    (("ສານປະຊາຊົນ",), "court"),
    (("ພັກ",), "party"),
    (("ສະມາຄົມ", "ສະຫະພັນ"), "mass_organization"),
    (("ໂຮງໝໍ", "ສາທາລະນະສຸກ"), "health"),
    (("ມະຫາວິທະຍາໄລ", "ສຶກສາ"), "education"),
)


# Behind the last word of a name: the fields of work that "and" joins to it, and the second of two countries.
_FIELDS = re.compile(
    r" ?ແລະ ?(?:ການຄ້າ|ສະຫວັດດີການສັງຄົມ|ປ່າໄມ້|ກິລາ|ຂົນສົ່ງ|ການລົງທຶນ|ສິ່ງແວດລ້ອມ|ຕ້ານຢາເສບຕິດ|ທ່ອງທ່ຽວ|ຄວບຄຸມຢາເສບຕິດ)(?:(?: ?(?:ນະຄອນຫຼວງ|ແຂວງ))?[\u0e80-\u0eff]*)"
)
_TWO_COUNTRIES = re.compile(r"(?:(?<=ມິດຕະພາບຫວຽດນາມ)|(?<=ມິດຕະພາບລາວ)|(?<=ມິດຕະພາບຈີນ)|(?<=ມິດຕະພາບໄທ))[-–](?:ລາວ|ຫວຽດນາມ|ໄທ|ຈີນ|ກຳປູເຈຍ)")
# "Consulate General of Vietnam in Savannakhet"
_ACCREDITED = re.compile(r" ?ປະຈຳ(?:ແຂວງ)?[\u0e80-\u0eff]{3,16}")


def lao_organizations(text: str, places: list[PlaceMention], side: Side) -> list[OrganizationMention]:
    """The organizations of a Lao text in order. `side(start, end)` gives province, its id, country and confidence of a span."""
    ends = {place.evidence.start: place.evidence.end for place in places}
    found: list[OrganizationMention] = []
    for match in _NAME.finditer(text):
        start, end = match.span()
        # a place that begins inside the name ends it, wherever the letters run on
        inside = [at for at in range(start, end) if at in ends]
        if inside:
            end = ends[inside[-1]]
        if more := _FIELDS.match(text, end) or _TWO_COUNTRIES.match(text, end) or ("ກົງ" in match.group() and _ACCREDITED.match(text, end)):
            end = more.end()
        if end - start > 70 or match.group() in _HEADS:
            continue
        evidence = Evidence.cut(text, start, end)
        kind = next((kind for words, kind in _KINDS if any(word in evidence.quote for word in words)), "government")
        admin1, admin1_id, country, confidence = side(start, end)
        found.append(
            OrganizationMention(evidence.quote, kind, admin1, admin1_id, country, evidence, "organization.lao", min(confidence, 0.7))
        )
    return found
