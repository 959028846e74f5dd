"""The documentation site: what is in docs/, and reference pages made from the code; `make docs`."""
