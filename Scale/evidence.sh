#!/bin/bash
# Runs `strayframe evidence` on a task's blocks; the argument is the place of the findings.
set -euo pipefail
here=$(dirname "$0")
. "$here/fetch.sh"
result=$(brought "$1")
exec "$here/strayframe" evidence --result "$result"
