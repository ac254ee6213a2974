"""What is kept and told when something goes wrong."""
