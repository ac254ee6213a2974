"""Long work as steps, and the threads that take them."""
