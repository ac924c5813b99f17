"""Post to receivers of somebody else.

In:        posts (pipeline.posts)
Out:       `HttpPoster`
Not here:  what is posted (pipeline.remote_context), when (pipeline.firing, jobs)
"""

from verselet.outgoing.posting import HttpPoster

__all__ = ["HttpPoster"]
