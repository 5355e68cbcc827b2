"""`python -m portvakt`: the same as the command `portvakt`."""

from portvakt.cli.main import main

if __name__ == "__main__":
    main()
