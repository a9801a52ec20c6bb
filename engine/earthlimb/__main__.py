"""`python -m earthlimb` is the command `earthlimb`."""

from earthlimb.cli.app import main

if __name__ == "__main__":
    main()
