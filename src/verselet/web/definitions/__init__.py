"""Tables, columns, relationships and choices as the Web API shows them: `EntityDefinitions` and its relatives.

In:        the schema and a request
Out:       `answer`, and `DEFINITION_SETS`: the first segments it answers for
Not here:  `$metadata` (web.csdl), changes of the schema (messages)
"""

from __future__ import annotations

from verselet.web.definitions.answer import DefinitionsAnswer, answer
from verselet.web.definitions.types import SET_TYPES

DEFINITION_SETS = frozenset(SET_TYPES)

__all__ = ["DEFINITION_SETS", "DefinitionsAnswer", "answer"]
