"""The torture press: misbehaving outlets on loopback, one data file a case, put through the real ingest. `make torture` prints it."""
