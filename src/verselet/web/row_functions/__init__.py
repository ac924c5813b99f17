"""Functions and actions that are about rows.

In:        an exchange, the name of an operation, the row it is bound to
Out:       an `Answer`
Not here:  functions about the organization (web.functions), actions on definitions (web.definition_writes)
"""
