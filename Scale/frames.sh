#!/bin/bash
# Runs `strayframe frames` on a task's records. Spark keeps the facts beside this file, or in a folder of the session's.
here=$(dirname "$0")
facts=$(find "$here" -maxdepth 2 -name facts | head -n 1)
exec "$here/strayframe" frames --facts "${facts:?the facts have not come to this machine}"
