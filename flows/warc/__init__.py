"""Reading WARC files: our archive's and other people's."""
