"""Compare the models of sweeps: accuracy, bytes and multiplications, as a table and a figure."""
