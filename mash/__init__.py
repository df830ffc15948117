"""The front door of children's social care: contacts, rules, deadlines, record. Importable without a web server."""
