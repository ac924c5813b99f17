"""Run the command line as `python -m verselet`.

In:        the arguments of the process
Out:       its exit code
Not here:  the commands (cli)
"""

from verselet.cli import main

if __name__ == "__main__":
    main()
