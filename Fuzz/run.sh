#!/usr/bin/env bash
# Fuzzes every target for a while, as many at once as there are processors: run.sh SECONDS [TARGET…]
# Known inputs and those of Regressions/ run first. Results stay in ../.build/fuzz: new inputs for the next run, crashes in
# crashes/. Fails on a crash, a hang or a memory leak beyond bounds.
set -uo pipefail
cd "$(dirname "$0")"
seconds=$1
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=($(ls Corpus))
kept=$(cd .. && pwd)/.build/fuzz
# The maximum length of an input, bytes.
longest=131072
mkdir -p "$kept/crashes"

# Without them fuzzing finds little, and nothing else would report that.
needs() {
    if ! grep -q "$1" ".build/release/$2"; then
        echo "the targets were built without $1: build them as make fuzz does"
        exit 1
    fi
}
needs __sancov LogBytes.build/LineReader.swift.o
needs __asan_report LogBytes.build/LineReader.swift.o
needs __ubsan_handle CYaml.build/src/parser.c.o

# A trap's backtrace would take a minute, and the leak checker reports a pointer that shares its word with an enum's tag as
# lost. The memory limit catches memory that only grows.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=8
# Repeats each input of Corpus/ up to the maximum length. This exposes quadratic time at once; libFuzzer reaches such lengths only
# after minutes.
lengthen() {
    local target=$1 seed text
    mkdir -p "$kept/long/$target"
    for seed in $(ls "Corpus/$target" | head -n 3); do
        text=$kept/long/$target/$seed
        cp "Corpus/$target/$seed" "$text"
        while [ -s "$text" ] && [ "$(wc -c <"$text")" -lt "$longest" ]; do
            cat "$text" "$text" >"$text.twice"
            mv "$text.twice" "$text"
        done
        truncate -s "<$longest" "$text"
    done
}
fuzz() {
    local target=$1 status runs
    mkdir -p "$kept/$target" "Regressions/$target"
    lengthen "$target"
    # Generous, for a loaded machine; only a hang takes this long.
    FUZZ_TARGET=$target .build/release/fuzz -max_total_time="$seconds" -timeout=300 -rss_limit_mb=4096 -max_len="$longest" \
        -artifact_prefix="$kept/crashes/$target-" -print_final_stats=1 \
        "$kept/$target" "Corpus/$target" "Regressions/$target" "$kept/long/$target" 2> "$kept/$target.log"
    status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$kept/$target.log")
    if [ $status -eq 0 ]; then
        echo "ok     $target: $runs inputs"
    else
        echo "FAILED $target: see $kept/$target.log and $kept/crashes"
        return 1
    fi
}
export -f fuzz lengthen
export seconds kept longest
printf '%s\n' "${targets[@]}" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I{} bash -c 'fuzz {}'
