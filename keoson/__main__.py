"""`python -m keoson`: the same as `keoson`."""

from keoson.cli import main

if __name__ == "__main__":
    main()
