"""The searchable index: field tables, analysis, search requests, and the two backends behind one Protocol."""

from mappings.index import Index, open_index, rebuilt_index
from mappings.request import Hit, SearchRequest, SearchResult

__all__ = ["Hit", "Index", "SearchRequest", "SearchResult", "open_index", "rebuilt_index"]
