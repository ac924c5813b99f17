"""The rules of particular tables: users, teams, units, roles and their like.

In:        messages that write rows of such a table
Out:       refusals, and what happens along with the write
Not here:  what is true of all tables (operations.rules)
"""
