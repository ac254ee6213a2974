"""The open project and the running job: what is there, and who does the work."""
