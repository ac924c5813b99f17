"""Write definitions: tables, columns, relationships, keys and choices as clients of the Web API send them.

In:        an exchange
Out:       an `Answer`; the schema has changed, or nothing
Not here:  what a change does (operations.definitions), how definitions are read (web.definitions)
"""
