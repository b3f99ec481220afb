"""Proof that nobody sees what is not theirs: a marked portal, walked through by everybody."""
