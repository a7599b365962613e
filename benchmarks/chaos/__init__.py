"""What only minutes of load, real processes and kill -9 can show: `make chaos`."""
