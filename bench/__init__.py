"""How fast is what counts often? Compared side by side on the same machine: `make bench`."""
