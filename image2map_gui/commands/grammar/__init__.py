"""The grammar of the command line, command by command."""
