"""Every table, a file per noun. Shapes only: what rows mean to the workflow is decided elsewhere."""
