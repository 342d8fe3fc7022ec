#!/bin/bash
# Runs `strayframe sample` on a task's blocks; the arguments are the places of the sources and, for the origin's
# answers, of the sampled deliveries.
set -euo pipefail
here=$(dirname "$0")
. "$here/fetch.sh"
sources=$(brought "$1")
if [ $# -gt 1 ]; then
    deliveries=$(brought "$2")
    exec "$here/strayframe" sample --sources "$sources" --deliveries "$deliveries"
fi
exec "$here/strayframe" sample --sources "$sources"
