#!/bin/bash
# Reads roots and paths, a tab between them, and writes the records of each file; arguments go to `strayframe normalize`.
set -euo pipefail
tool=$(dirname "$0")/strayframe

# Any file system that Spark knows: by Hadoop's own command, or by its classes beside Spark.
fetch() {
    if command -v hadoop >/dev/null; then
        hadoop fs -cat "$1"
    else
        # It insists on a file of settings, if only an empty one.
        [ -e core-site.xml ] || echo '<configuration/>' >core-site.xml
        java -cp "${HADOOP_CONF_DIR:+$HADOOP_CONF_DIR:}$PWD:$SPARK_HOME/jars/*" org.apache.hadoop.fs.FsShell -cat "$1"
    fi
}

while IFS=$'\t' read -r root path; do
    # As `ingest` names what lies below a root: by the root's last part and the path from there.
    name=${root##*/}
    [ "$path" = "$root" ] || name=$name/${path#"$root"/}
    case $path in
    file:*) "$tool" normalize "${path#file:}" --name "$name" "$@" </dev/null ;;
    *) fetch "$path" | "$tool" normalize - --name "$name" "$@" ;;
    esac
done
