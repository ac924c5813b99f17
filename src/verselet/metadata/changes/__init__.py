"""Change the schema: pure functions from the old one and what is wanted to the new one.

In:        a schema, and drafts of tables, columns, relationships, keys and choices
Out:       a new schema, of the next generation; or a refusal, and the old one stands
Not here:  what the database must do for it (store.layout), what is remembered of it (metadata.customizations)
"""
