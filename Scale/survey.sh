#!/bin/bash
# Reads records, sources first, and writes the facts; arguments go to `strayframe survey`.
exec "$(dirname "$0")/strayframe" survey "$@"
