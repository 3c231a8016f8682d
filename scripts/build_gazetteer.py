"""Build `extractors/gazetteer/places.csv` and `communes.csv` from named sources.

    python scripts/build_gazetteer.py --vietnamadminunits DIR --iso3166-2 FILE

DIR is the unpacked wheel `vietnamadminunits` 1.0.4 (MIT), FILE the `iso3166-2.json` of the wheel `iso3166-2` 1.8.4 (MIT). Both are needed
here only, never at run time. The other sources are the CSV files in `scripts/gazetteer/`: each says in `SOURCES` below what it rests on.
Run again after changing a source; the result is committed, sorted, and the same on every machine.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE / "gazetteer"
TARGET = HERE.parent / "extractors" / "gazetteer"
COLUMNS = [
    "id",
    "name",
    "kind",
    "country",
    "admin1_id",
    "lat",
    "lon",
    "valid_from",
    "valid_to",
    "successor",
    "former_names",
    "spellings",
    "source",
]
MERGED_ON = "2025-07-01"  # Resolution 202/2025/QH15: the new authorities operate from this day
LAST_DAY = "2025-06-30"
# Thừa Thiên Huế became the centrally run city of Huế on 2025-01-01 with the same territory and ISO code: one id, a name valid in time.
FORMER_NAMES = {"VN-26": "Thừa Thiên Huế|2024-12-31"}

Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (SOURCES / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def short(name: str) -> str:
    """`Tỉnh Nghệ An` -> `Nghệ An`."""
    return re.sub(r"^(Tỉnh|Thành phố|Thủ đô) ", "", name)


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c)).lower()).strip("-")


# Both conventions for the tone mark on oa, oe, uy are in print, often in one article.
_TONES = [
    ("òa", "oà"),
    ("óa", "oá"),
    ("ỏa", "oả"),
    ("õa", "oã"),
    ("ọa", "oạ"),
    ("òe", "oè"),
    ("óe", "oé"),
    ("ùy", "uỳ"),
    ("úy", "uý"),
    ("ủy", "uỷ"),
    ("ũy", "uỹ"),
    ("ụy", "uỵ"),
]


def with_tone_variants(names: list[str]) -> list[str]:
    out: list[str] = []
    for name in (unicodedata.normalize("NFC", raw.strip()) for raw in names):
        variants = [name]
        for old, new in _TONES:
            variants += [v.replace(old, new) for v in variants if old in v] + [v.replace(new, old) for v in variants if new in v]
        # the Lao vowel am is typed as one sign or as two
        variants += [v.replace("\u0eb3", "\u0ecd\u0eb2") for v in variants if "\u0eb3" in v] + [
            v.replace("\u0ecd\u0eb2", "\u0eb3") for v in variants if "\u0ecd\u0eb2" in v
        ]
        out += [v for v in dict.fromkeys(variants) if v and v not in out]
    return out


def row(**values: object) -> Row:
    spellings = values.pop("spellings", [])
    made = dict.fromkeys(COLUMNS, "") | {key: "" if value is None else str(value) for key, value in values.items()}
    assert isinstance(spellings, list)
    made["spellings"] = ";".join(with_tone_variants([made["name"], *spellings]))
    return made


def vietnam_provinces(database: sqlite3.Connection, iso: dict[str, dict[str, object]]) -> Iterator[Row]:
    extra = {r["iso"]: r["spellings"].split(";") for r in read("vietnam_spellings.csv")}
    merges = read("admin_merge_2025.csv")
    today = {
        code: (lat, lon)
        for code, lat, lon in database.execute("select provinceCode, provinceLat, provinceLon from admin_units group by provinceCode")
    }
    for merge in merges:
        old_id = merge["old_iso3166_2"]
        lat, lon = iso.get(old_id, {}).get("latLng") or ("", "")  # type: ignore[misc]
        merged = merge["status"] == "merged"
        yield row(
            id=old_id, name=short(merge["old_name"]), kind="province", country="VN", admin1_id=old_id, lat=lat, lon=lon,
            valid_to=LAST_DAY if merged else "", successor=f"VN-{merge['new_gso_code']}-2025" if merged else "",
            former_names=FORMER_NAMES.get(old_id, ""), spellings=extra.get(old_id, []), source="admin_merge_2025.csv; iso3166-2 1.8.4",
        )  # fmt: skip
    ids_of_name = {short(m["old_name"]): m["old_iso3166_2"] for m in merges}
    for code, name in sorted({(m["new_gso_code"], short(m["new_name"])) for m in merges if m["status"] == "merged"}):
        lat, lon = today.get(code, ("", ""))
        new_id = f"VN-{code}-2025"
        yield row(
            id=new_id, name=name, kind="province", country="VN", admin1_id=new_id, lat=lat, lon=lon, valid_from=MERGED_ON,
            spellings=extra.get(ids_of_name[name], []), source="admin_merge_2025.csv; vietnamadminunits 1.0.4",
        )  # fmt: skip


def vietnam_districts(database: sqlite3.Connection, province_ids: dict[str, str]) -> Iterator[Row]:
    query = "select districtCode, districtShort, provinceCode, districtLat, districtLon from admin_units_legacy where districtCode is not null group by districtCode"
    for code, name, province, lat, lon in database.execute(query):
        if name and not str(name).isdigit():
            yield row(
                id=f"VN-d{code}", name=name, kind="district", country="VN", admin1_id=province_ids[province], lat=lat, lon=lon,
                valid_to=LAST_DAY, source="vietnamadminunits 1.0.4",
            )  # fmt: skip


def vietnam_communes(database: sqlite3.Connection, old_ids: dict[str, str], new_ids: dict[str, str]) -> Iterator[Row]:
    """Communes only resolve behind a cue (xã, phường, thị trấn, đặc khu), so they carry no spellings but their name."""
    old = "select wardCode, wardShort, provinceCode, wardLat, wardLon from admin_units_legacy where wardCode is not null group by wardCode"
    new = "select wardCode, wardShort, provinceCode, wardLat, wardLon from admin_units where wardCode is not null group by wardCode"
    for query, ids, suffix in ((old, old_ids, ""), (new, new_ids, "-2025")):
        for code, name, province, lat, lon in database.execute(query):
            if name and not str(name).isdigit():
                yield row(
                    id=f"VN-c{code}{suffix}", name=name, kind="commune", country="VN", admin1_id=ids[province], lat=lat, lon=lon,
                    valid_from=MERGED_ON if suffix else "", valid_to="" if suffix else LAST_DAY, source="vietnamadminunits 1.0.4",
                )  # fmt: skip


def foreign(iso: dict[str, dict[str, object]]) -> Iterator[Row]:
    for r in read("countries.csv"):
        yield row(
            id=r["iso"], name=r["name"], kind="country", country=r["iso"], spellings=r["spellings"].split(";"), source="countries.csv (own)"
        )
    for r in read("laos.csv"):
        yield row(
            id=r["iso"], name=r["name_en"], kind="province", country="LA", admin1_id=r["iso"], lat=r["lat"], lon=r["lon"],
            spellings=[r["name_lao"], *r["vi_variants"].split(";")], source="laos.csv; centroid iso3166-2 1.8.4",
        )  # fmt: skip
    for r in read("cambodia.csv"):
        yield row(
            id=r["iso"], name=r["name_en"], kind="province", country="KH", admin1_id=r["iso"], lat=r["lat"], lon=r["lon"],
            spellings=[r["name_km"], *r["vi_variants"].split(";")], source="cambodia.csv",
        )  # fmt: skip
    for name, country in (("cambodia_more.csv", "KH"), ("thailand.csv", "TH")):
        for r in read(name):
            lat, lon = iso.get(r["iso"], {}).get("latLng") or ("", "")  # type: ignore[misc]
            yield row(
                id=r["iso"], name=r["name_en"], kind="province", country=country, admin1_id=r["iso"], lat=lat, lon=lon,
                spellings=r["spellings"].split(";"), source=f"{name} (own); iso3166-2 1.8.4",
            )  # fmt: skip
    for r in read("china.csv"):
        province = r["level"] in ("province", "autonomous region")
        kind = "province" if province else "district" if r["level"].startswith("county") else "prefecture"
        yield row(
            id=r["id"], name=r["name_en"], kind=kind, country="CN", admin1_id=r["id"] if province else r["parent"], lat=r["lat"], lon=r["lon"],
            spellings=r["vi_variants"].split(";"), source="china.csv (ids below the province are invented)",
        )  # fmt: skip
    for name, country in (("laos_districts.csv", "LA"), ("cambodia_districts.csv", "KH")):
        for r in read(name):
            yield row(
                id=f"{r['admin1']}-{slug(r['name_en'])}", name=r["name_en"], kind="district", country=country, admin1_id=r["admin1"],
                spellings=r["spellings"].split(";"), source=f"{name} (own, from memory, no coordinates)",
            )  # fmt: skip


def gates(province_ids: dict[str, str]) -> Iterator[Row]:
    for r in read("border_gates.csv"):
        home = province_ids[r["vn_province"]]
        yield row(
            id=f"gate-{slug(r['gate'])}-{home.lower()}", name=r["gate"], kind="border_gate", country="VN", admin1_id=home, lat=r["lat"], lon=r["lon"],
            source="border_gates.csv (approximate coordinates)",
        )  # fmt: skip
        names = [n for n in r["opposite_gate"].split(";") if n]
        if names and r["opposite_iso"]:
            # admin1 of a Chinese prefecture is its province: CN-YN-hong -> CN-YN
            admin1 = "-".join(r["opposite_iso"].split("-")[:2])
            yield row(
                id=f"gate-{slug(names[0])}-{r['opposite_iso'].lower()}", name=names[0], kind="border_gate", country=r["country"], admin1_id=admin1,
                lat=r["lat"], lon=r["lon"], spellings=names[1:], source="border_gates.csv (approximate coordinates)",
            )  # fmt: skip


def write(name: str, rows: list[Row], columns: list[str]) -> None:
    seen: dict[str, Row] = {}
    for r in rows:
        if r["id"] in seen:
            seen[r["id"]]["spellings"] = ";".join(dict.fromkeys([*seen[r["id"]]["spellings"].split(";"), *r["spellings"].split(";")]))
        else:
            seen[r["id"]] = r
    with (TARGET / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(seen.values(), key=lambda r: (r["kind"], r["country"], r["id"])))
    print(f"{name}: {len(seen)} places")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vietnamadminunits", type=Path, required=True)
    parser.add_argument("--iso3166-2", type=Path, required=True)
    arguments = parser.parse_args()
    database = sqlite3.connect(arguments.vietnamadminunits / "data" / "dataset.db")
    countries = json.loads(arguments.iso3166_2.read_text(encoding="utf-8"))
    iso = {code: unit for units in countries.values() for code, unit in units.items()}
    merges = read("admin_merge_2025.csv")
    old_ids = {m["old_gso_code"]: m["old_iso3166_2"] for m in merges}
    new_ids = {m["new_gso_code"]: f"VN-{m['new_gso_code']}-2025" if m["status"] == "merged" else m["old_iso3166_2"] for m in merges}
    names = {short(m["old_name"]): m["old_iso3166_2"] for m in merges} | {"Thừa Thiên Huế": "VN-26"}
    places = [*vietnam_provinces(database, iso), *vietnam_districts(database, old_ids), *foreign(iso), *gates(names)]
    write("places.csv", places, COLUMNS)
    communes = list(vietnam_communes(database, old_ids, new_ids))
    write("communes.csv", communes, ["id", "name", "kind", "country", "admin1_id", "lat", "lon", "valid_from", "valid_to"])


if __name__ == "__main__":
    main()
