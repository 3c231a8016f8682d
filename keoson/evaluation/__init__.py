"""The gold set's tools: reading it, scoring tags against it, agreement between markings, its checks, and `keoson evaluate`."""
