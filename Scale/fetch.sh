# Shared by the scripts here. `fetch URI` prints a file of any file system that Spark knows, or several by a pattern, with
# Hadoop's command or with its classes beside Spark.
fetch() {
    if command -v hadoop >/dev/null; then
        hadoop fs -cat "$1"
    else
        # It requires a settings file, even an empty one.
        [ -e core-site.xml ] || echo '<configuration/>' >core-site.xml
        java -cp "${HADOOP_CONF_DIR:+$HADOOP_CONF_DIR:}$PWD:$SPARK_HOME/jars/*" org.apache.hadoop.fs.FsShell -cat "$1"
    fi
}

# `brought URI` prints the local path of a folder that an earlier stage wrote. Remote files are fetched once for all tasks that
# run in one place on the machine.
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
