"""Move rows to the lake and read them there.

In:        an `Execution`; families of rows
Out:       rows marked, copied, deleted; a store of retained rows
Not here:  when it is done (jobs.retention), how the lake keeps them (lake)
"""
