"""Backfill: articles of the past, from sitemaps, listings, lists of addresses and WARC files, into ledger, archive and index."""
