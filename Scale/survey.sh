#!/bin/bash
# Reads records, sources first, and writes the facts; arguments are passed to `strayframe survey`.
exec "$(dirname "$0")/strayframe" survey "$@"
