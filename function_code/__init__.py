"""What runs in the functions: training, the model registry and prediction. Knows nothing of Pulumi."""
