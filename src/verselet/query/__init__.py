"""What is asked.

In:        the text of a query in one of its languages
Out:       `Query`, and resolved against a schema a `Plan`
Not here:  who may see the rows (security), how SQL is spelled (sql)
"""
