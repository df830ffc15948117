"""One file of pages per place that a person goes to. Views read a form, call mash, and show or redirect."""
