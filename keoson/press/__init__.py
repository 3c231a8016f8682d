"""The sample press: invented newspapers on loopback, for `keoson demo` and the tests. Their texts are data, in `outlets/`."""
