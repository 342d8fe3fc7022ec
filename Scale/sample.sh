#!/bin/bash
# Runs `strayframe sample` on a task's blocks; the arguments say where the sources and, if the origin's answers are asked
# for, the sampled deliveries are.
set -euo pipefail
here=$(dirname "$0")
. "$here/fetch.sh"
sources=$(brought "$1")
if [ $# -gt 1 ]; then
    deliveries=$(brought "$2")
    exec "$here/strayframe" sample --sources "$sources" --deliveries "$deliveries"
fi
exec "$here/strayframe" sample --sources "$sources"
