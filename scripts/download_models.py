#!/usr/bin/env python3
"""Download models of the catalogue, checked byte for byte: ``assistant models pull``, for a checkout not installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assistant.__main__ import main

if __name__ == "__main__":
    sys.argv[1:1] = ["models", "pull"]
    main()
