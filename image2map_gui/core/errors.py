"""The errors raised on purpose; each message is a sentence fit for a person."""


class Image2MapError(Exception):
    """Anything that went wrong for a reason a person can understand and mend."""


class ParameterError(Image2MapError):
    """A setting has a value that is not allowed, or one that does not go with another."""


class SourceError(Image2MapError):
    """A path that was named holds no pictures, or does not exist."""


class PictureError(Image2MapError):
    """One file cannot be used as a picture; its message is the reason, without the file's name."""


class TrainingError(Image2MapError):
    """A training cannot start or cannot go on."""


class ProjectError(Image2MapError):
    """A project file cannot be read or written."""


class MemoryNeededError(Image2MapError):
    """Something cannot fit into the memory that is free."""


class ChangedElsewhereError(ProjectError):
    """A project file is not what it was when it was opened; somebody else wrote it."""
