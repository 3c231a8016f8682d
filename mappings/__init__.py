"""The searchable index: field tables, analysis, search requests, and the two backends behind one Protocol."""
