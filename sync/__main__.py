"""`python -m sync`."""

from sync.commands import main

if __name__ == "__main__":
    main(prog_name="sync")
