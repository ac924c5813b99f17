"""A self-hosted server that speaks the Microsoft Dataverse Web API.

In:        nothing
Out:       the version
Not here:  how to start it (cli), how to embed it (organization, server)
"""

__version__ = "0.1.0"
