"""Read and admin routes."""
