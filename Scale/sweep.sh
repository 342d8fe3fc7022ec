#!/bin/bash
# Runs `strayframe sweep` on a task's records; the argument is the place of the facts.
set -euo pipefail
here=$(dirname "$0")
. "$here/fetch.sh"
place=$(brought "$1")
exec "$here/strayframe" sweep --facts "$place"
