"""kill -9 at random points of an ingest of the torture press, and again, until it gets through: the index must be as if nothing had been."""
