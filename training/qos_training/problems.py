"""What is wrong with what was given: one line that says what, where and how to mend it."""


class InputProblem(Exception):
    """Ends the command with its text and without a stack trace."""
