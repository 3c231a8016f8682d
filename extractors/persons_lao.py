"""Persons in Lao text. Lao has no capitals: a name is one or two words behind a title, ended by a space and a word of office.

Known gaps: names without a title, names that a role follows without a space, roles in front of the name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from extractors.records import Evidence, PersonMention, PlaceMention

_LAO_TITLES = "ທ່ານ|ສະຫາຍ|ນາງ|ທ້າວ|ພົນເອກ|ພົນໂທ|ພົນຕີ|ພົນຈັດຕະວາ|ພັນເອກ|ພັນໂທ|ພັນຕີ|ຮ້ອຍເອກ|ຮ້ອຍໂທ|ຮ້ອຍຕີ|ດຣ|ປອ|ສົມເດັດ"
_LAO_RANKS = "ພົນເອກ|ພົນໂທ|ພົນຕີ|ພົນຈັດຕະວາ|ພັນເອກ|ພັນໂທ|ພັນຕີ|ຮ້ອຍເອກ|ຮ້ອຍໂທ|ຮ້ອຍຕີ"
_LAO_ROLES = "ຫົວໜ້າ|ຫົວຫນ້າ|ຮອງ|ຜູ້ບັນຊາ|ລັດຖະມົນຕີ|ນາຍົກ|ເຈົ້າແຂວງ|ເຈົ້າເມືອງ|ປະທານ|ເລຂາ|ເອກອັກຄະ|ກົງສຸນ|ອຳນວຍການ|ອໍານວຍການ|ຜູ້ອຳນວຍ|ຄະນະ|ສະມາຊິກ|ເຈົ້າໜ້າທີ່|ພ້ອມ|ໄດ້|ແລະ|ຢູ່|ທັງ|ກໍ|ອາຍຸ|ສັນຊາດ|ນຳໂດຍ|ກ່າວ|ເປັນ|ຢ້ຽມ|ປະຈຳ|ແຫ່ງ|ທີ່|ຕາງໜ້າ|ຈາກ"
_LAO_PERSON = re.compile(
    rf"(?:(?:{_LAO_TITLES})\.?\s?)+(?P<name>(?!{_LAO_ROLES})[\u0e80-\u0eff໊໋]{{2,20}}(?:\s(?!{_LAO_ROLES})[\u0e80-\u0eff]{{3,22}})?)(?:\s(?P<role>(?:{_LAO_ROLES})[\u0e80-\u0eff ]{{0,60}}))?"
)


def tag_lao_persons(text: str, places: Sequence[PlaceMention]) -> tuple[PersonMention, ...]:
    """Lao has no capitals: a name is one or two words behind a title, ended by a space and a word of office."""
    foreign = Counter(place.country for place in places if place.country and place.country != "LA")
    found: dict[str, PersonMention] = {}
    for match in _LAO_PERSON.finditer(text):
        rank = re.search(_LAO_RANKS, match.group()[: match.start("name") - match.start()])
        role = match["role"].strip() if match["role"] and not match["role"].startswith(("ໄດ້", "ແລະ", "ຢູ່", "ກ່າວ", "ພ້ອມ")) else None
        country = next(
            (c for c in foreign if role and any(p.country == c and match.start() <= p.evidence.start < match.end() for p in places)), "LA"
        )
        evidence = Evidence.cut(text, match.start("name"), match.end("name"))
        found.setdefault(
            match["name"],
            PersonMention(
                match["name"],
                rank.group() if rank else None,
                role,
                None,
                country,
                "official" if rank or role else "civilian",
                evidence,
                "person.lao",
                0.6,
            ),
        )
    return tuple(found.values())
