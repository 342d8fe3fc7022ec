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

# `facts URI` prints where the facts lie on this machine; from elsewhere they are fetched once for all its tasks.
facts() {
    case $1 in
    file:*) echo "${1#file:}" ;;
    *)
        (
            flock 9
            [ -e facts ] || { fetch "$1/part-*" >facts.part && mv facts.part facts; }
        ) 9>facts.lock
        echo facts
        ;;
    esac
}
