"""Side-by-side measurements of this project and the tool it replaces; run with `make bench`."""
