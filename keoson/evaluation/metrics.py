"""The metrics by name, each with its definition: what the command's help prints and what the scorer may count under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """`kind`: f1 (found, spurious and missed are counted) or rate (hits of cases). `lower` is true where a smaller value is better."""

    name: str
    kind: Literal["f1", "rate"]
    definition: str
    lower: bool = False


METRICS: tuple[Metric, ...] = (
    Metric(
        "relevance",
        "f1",
        "texts that report a cooperation activity",
    ),
    Metric(
        "event_types",
        "f1",
        "types of the events that occurred or are planned, once per text",
    ),
    Metric(
        "background_types",
        "f1",
        "types of the background events, once per text",
    ),
    Metric(
        "events",
        "f1",
        "events but background ones, matched one to one: same type, same start date (or none in both), and country/province "
        "pairs of the parties that agree by half or more (intersection over union; both empty agree). Texts in the old format "
        "are left out",
    ),
    Metric(
        "events_exact",
        "f1",
        "as events, with exactly the same country/province pairs",
    ),
    Metric(
        "parties",
        "f1",
        "country/province pairs of the parties of all events but background ones (of background ones where a text has no "
        "other), once per text; provinces through the gazetteer's spellings; a national body is a pair without a province",
    ),
    Metric(
        "party_countries",
        "f1",
        "the countries of these parties",
    ),
    Metric(
        "persons",
        "f1",
        "names of persons, once per text, compared without diacritics, case, spaces, hyphens; irrelevant texts of the single-event format mark none and are left out",
    ),
    Metric(
        "person_rank",
        "f1",
        "rank, among persons whose name was found: equal under the same comparison; a rank where the gold has none is spurious",
    ),
    Metric(
        "person_role",
        "f1",
        "role, among persons whose name was found: equal under the same comparison",
    ),
    Metric(
        "person_role_overlap",
        "f1",
        "role, among persons whose name was found: the words agree by half or more (Dice)",
    ),
    Metric(
        "person_country",
        "f1",
        "country represented, among persons whose name was found",
    ),
    Metric(
        "organizations",
        "f1",
        "names of organizations, once per text, compared and left out like those of persons",
    ),
    Metric(
        "places",
        "f1",
        "gazetteer ids of places (countries and provinces), once per text. Texts in the old format are left out",
    ),
    Metric(
        "topics",
        "f1",
        "topics of all events, once per text",
    ),
    Metric(
        "amounts",
        "f1",
        "values of the amounts of all events, once per text, whatever unit and whether background or not",
    ),
    Metric(
        "amount_units",
        "rate",
        "unit, among the amounts whose value was found",
    ),
    Metric(
        "documents",
        "f1",
        "documents of all events, matched one to one where the words agree by half or more (Dice)",
    ),
    Metric(
        "evidence",
        "f1",
        "events of any status, matched one to one: same type, and evidence that shares at least one character of the text. "
        "Texts in the old format are left out",
    ),
    Metric(
        "evidence_characters",
        "f1",
        "characters of the text that lie in evidence of events. Texts in the old format are left out",
    ),
    Metric(
        "main_date",
        "f1",
        "start date of the main event (the first), exactly as precise as marked; a date that differs is spurious and missed",
    ),
    Metric(
        "false_dates",
        "rate",
        "texts whose main event has no date (or that have no event) for which a date is given; in the old format a bare year "
        "counts as none. Lower is better",
        lower=True,
    ),
    Metric(
        "location_province",
        "f1",
        "province of the main event's location; a province that differs is spurious and missed",
    ),
    Metric(
        "status",
        "rate",
        "status of the main event, in texts with a marked event; no event found counts as wrong",
    ),
)

BY_NAME = {metric.name: metric for metric in METRICS}


def definitions() -> str:
    """One line a metric, for the command's help."""
    lines = [f"{metric.name}: {metric.definition}." for metric in METRICS]
    return "\n\n".join(lines)
