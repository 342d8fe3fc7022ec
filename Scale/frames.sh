#!/bin/bash
# Runs `strayframe frames` on a task's blocks; the first argument is the place of the facts; others are passed on.
set -euo pipefail
here=$(dirname "$0")
. "$here/fetch.sh"
place=$(brought "$1")
shift
exec "$here/strayframe" frames --facts "$place" "$@"
