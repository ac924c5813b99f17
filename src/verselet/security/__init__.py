"""Who may.

In:        a request, a caller and the schema
Out:       verdicts with reasons, and conditions and masks for plans
Not here:  who the caller is (auth), how conditions become SQL (sql)
"""
