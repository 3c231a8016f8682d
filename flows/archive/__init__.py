"""The archive: every fetched page, as fetched, in daily WARC segments that are only ever appended to, and an index of them."""

from flows.archive.records import ArchivedPage, PageRef
from flows.archive.segments import last_whole_record
from flows.archive.store import Archive, ArchiveBusyError

__all__ = ["Archive", "ArchiveBusyError", "ArchivedPage", "PageRef", "last_whole_record"]
