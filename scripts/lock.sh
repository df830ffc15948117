#!/bin/sh
# Pin what requirements/*.in ask for, with hashes, for every platform and Python >= 3.11.
# Arguments go to uv: `scripts/lock.sh --upgrade`, `scripts/lock.sh --upgrade-package fastapi`.
set -eu
cd "$(dirname "$0")/../requirements"

for name in core test bench node postgres; do
    # uv writes no address of an index unless asked: whoever installs uses the one their pip is set up for.
    uv pip compile "$name.in" --output-file "$name.txt" --universal --python-version 3.11 \
        --generate-hashes --no-header --quiet "$@"
done
