"""The WARC file format: bytes of a file, records in it, HTTP responses in those. What pages are is `flows.warc`'s to say."""
