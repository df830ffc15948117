"""What happens to a contact: stages, verbs, clocks, and the one place that writes."""
