"""The only part that speaks HTTP: pages rendered on the server. Stands on mash; nothing in mash knows of it."""
