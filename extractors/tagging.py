"""All taggers on one article: what `keoson tag` and the pipeline call."""

from __future__ import annotations

from extractors.actors import find_actors
from extractors.amounts import tag_amounts
from extractors.dates import DateContext, DateExpression, find_dates
from extractors.event_rules import load_rules
from extractors.events import tag_events
from extractors.homes import homes
from extractors.landmarks import landmarks
from extractors.organization_choice import listed_organizations
from extractors.organizations import tag_organizations
from extractors.persons import tag_persons
from extractors.places import tag_places
from extractors.reading import Reading
from extractors.records import Article, OrganizationMention, PersonMention, Tags
from extractors.sentences import split_sentences
from extractors.tokens import tokenize
from extractors.years import occasion_of_text, years_of_text

LANGUAGES = ("vi", "en", "lo")


def _start(mention: PersonMention | OrganizationMention) -> int:
    return mention.evidence.start


def _first_day(dates: list[DateExpression], context: DateContext) -> str | None:
    """When a text without a publish date speaks: the first date in it that can be resolved, else the latest year it fixes."""
    resolved = (context.resolve(date).start for date in dates if date.role == "event")
    years = [str(year) for _, _, year in context.years]
    return next((day for day in resolved if day), max(years, default=None))


def read_article(article: Article) -> Reading:
    """Everything but the events of an article in Vietnamese, English or Lao."""
    text, language = article.text, article.language
    published = article.published.value if article.published else None
    dates = find_dates(text, language)
    sentences = split_sentences(text, article.spans)
    years = years_of_text(text, dates, [(sentence.start, sentence.end) for sentence in sentences])
    context = DateContext(published, years, occasion_of_text(text) if published is None else None)
    spoken = published[:10] if published else _first_day(dates, context)
    places = tag_places(text, language, spoken)
    tokens = tokenize(text)
    organizations = tag_organizations(text, tokens, places, language)
    persons = tag_persons(text, tokens, places, organizations, article.spans, language)
    at_home = homes(text, language, places)
    return Reading(
        text, language, sentences, places, tuple(sorted(organizations, key=_start)), tuple(sorted(persons, key=_start)),
        tag_amounts(text, language), find_actors(text, language, places, organizations, at_home), dates, context,
        [sentence for sentence in sentences if sentence.kind in ("body", "caption")], tokens, at_home, tuple(landmarks(text, spoken)),
    )  # fmt: skip


def tag_article(article: Article) -> Tags:
    """Tags of an article in Vietnamese, English or Lao, every evidence verified; other languages get places only and are never relevant."""
    if article.language not in LANGUAGES:
        published = article.published.value[:10] if article.published else None
        return Tags(article.language, False, places=tag_places(article.text, article.language, published))
    reading = read_article(article)
    reports = tag_events(reading, load_rules())
    relevant = any(report.status != "cancelled" for report in reports)
    found = listed_organizations(article.text, reading.organizations, reading.sentences)
    tags = Tags(article.language, relevant, reports, reading.places, reading.persons, found, reading.amounts)
    tags.verify(article.text)
    return tags
