"""Hold what tables are: their columns, relationships and choices.

In:        solution folders
Out:       `Schema` (metadata.schema), loaded by metadata.compiled
Not here:  rows (store), questions about rows (query)
"""
