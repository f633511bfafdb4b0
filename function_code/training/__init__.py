import os

# Threads of OpenMP wait for each other thousands of times in a fit. By default they spin for about a millisecond: where
# processors are shared, boosting takes ten times as long. Without spinning each wait is a sleep and a call of the
# kernel: on idle processors boosting takes six times as long. Some 20 microseconds of spinning cost neither. libgomp,
# which scikit-learn has on Linux, reads this when it is loaded.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "5000")
