import os

# Threads of OpenMP that wait for each other spin by default: where processors are shared, boosting then takes ten times
# as long. libgomp reads this when it is loaded, with scikit-learn.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
