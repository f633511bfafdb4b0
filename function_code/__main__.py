"""`python -m function_code`: the commands of `cli`."""

import sys

from function_code.cli import main

sys.exit(main(sys.argv[1:]))
