"""The invented people of the demonstration: names, families, reports, and how each is worked on. No real place or person."""
