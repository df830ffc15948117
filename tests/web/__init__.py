"""The pages: who gets in, what every response carries, and how refusals look."""
