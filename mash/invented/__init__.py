"""The invented people of the demonstration: names, families, reports and how each is worked on. Nobody is real."""
