# For the other scripts here. `fetch URI` writes a file of any file system that Spark knows, or several by a pattern: by
# Hadoop's own command, or by its classes beside Spark.
fetch() {
    if command -v hadoop >/dev/null; then
        hadoop fs -cat "$1"
    else
        # It insists on a file of settings, if only an empty one.
        [ -e core-site.xml ] || echo '<configuration/>' >core-site.xml
        java -cp "${HADOOP_CONF_DIR:+$HADOOP_CONF_DIR:}$PWD:$SPARK_HOME/jars/*" org.apache.hadoop.fs.FsShell -cat "$1"
    fi
}

# `brought URI` prints where a folder that a stage before wrote lies on this machine; from elsewhere its files are fetched
# once for all tasks of the machine that run in one place.
brought() {
    case $1 in
    file:*) echo "${1#file:}" ;;
    *)
        name=${1##*/}
        (
            flock 9
            [ -e "$name" ] || { fetch "$1/part-*" >"$name.part" && mv "$name.part" "$name"; }
        ) 9>"$name.lock"
        echo "$name"
        ;;
    esac
}
