"""Change definitions: compute the new schema, make the store fit it, keep what differs.

In:        a message of messages.definitions
Out:       a response; the execution carries the new schema, which the pipeline puts in force after the commit
Not here:  what follows from a change (metadata.changes), how the wire writes it (web.definition_writes)
"""
