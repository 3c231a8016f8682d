"""What people touch: the command line and the demo with its sample press."""
