"""Say how far apart two words are.

In:        two words
Out:       whether a few edits make one of the other
Not here:  which words are compared (query.searching.matching)
"""

from __future__ import annotations


def is_near(word: str, other: str, edits: int) -> bool:
    """A letter more, less, changed, or two swapped, is one edit."""
    if abs(len(word) - len(other)) > edits:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        following = [i]
        for j, its in enumerate(other, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (letter != its))
            if before and j > 1 and letter == other[j - 2] and word[i - 2] == its:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        if min(following) > edits:
            return False
        before, row = row, following
    return row[-1] <= edits


def begins_near(word: str, other: str, edits: int) -> bool:
    """The other word begins with something near."""
    lengths = range(max(len(word) - edits, 1), min(len(word) + edits, len(other)) + 1)
    return any(is_near(word, other[:length], edits) for length in lengths)
