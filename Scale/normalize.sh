#!/bin/bash
# Reads roots and paths, a tab between them, and writes the records of each file; arguments go to `strayframe normalize`.
set -euo pipefail
here=$(dirname "$0")
. "$here/fetch.sh"

while IFS=$'\t' read -r root path; do
    # As `ingest` names what lies below a root: by the root's last part and the path from there.
    name=${root##*/}
    [ "$path" = "$root" ] || name=$name/${path#"$root"/}
    case $path in
    file:*) "$here/strayframe" normalize "${path#file:}" --name "$name" "$@" </dev/null ;;
    *) fetch "$path" | "$here/strayframe" normalize - --name "$name" "$@" ;;
    esac
done
