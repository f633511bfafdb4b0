"""The code that runs in the functions: training, the model registry and prediction. It knows nothing of Pulumi."""
