"""What runs in the background: the rows of `asyncoperation` are the queue.

In:        jobs that are due
Out:       messages, sent as the owner of the job; states and counts in the job's rows
Not here:  queueing a job (operations), who starts the worker (server)
"""
