"""What runs: the pipeline as plain functions, the Prefect flows over it, fetching, the WARC archive, the ledger, settings."""
