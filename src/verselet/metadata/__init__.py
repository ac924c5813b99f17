"""What tables are.

In:        facts about tables, from files and from messages
Out:       `Schema` and everything in it, immutable
Not here:  rows, and who may see them (security, store)
"""
