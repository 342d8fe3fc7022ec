#!/usr/bin/env bash
# Fuzzes every target for a while, as many at once as there are processors: run.sh SECONDS [TARGET…]
# Known inputs come first, those of Regressions/ too. What is found stays in ../.build/fuzz: new inputs as a start for the
# next run, crashes in crashes/. Fails if there is a crash, a hang or a leak of memory beyond bounds.
set -uo pipefail
cd "$(dirname "$0")"
seconds=$1
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=($(ls Corpus))
kept=$(cd .. && pwd)/.build/fuzz
# Bytes of an input at most.
longest=131072
mkdir -p "$kept/crashes"

# Without them there is little to be found, and nothing else would tell.
needs() {
    if ! grep -q "$1" ".build/release/$2"; then
        echo "the targets were built without $1: build them as make fuzz does"
        exit 1
    fi
}
needs __sancov LogBytes.build/LineReader.swift.o
needs __asan_report LogBytes.build/LineReader.swift.o
needs __ubsan_handle CYaml.build/src/parser.c.o

# A trap's backtrace would take a minute, and the leak checker takes a pointer that shares its word with an enum's tag for
# lost. Memory that only grows is caught by its bound.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=8
# What stands in Corpus/ over and over until it has the longest input's length: what takes a time that grows with the square of
# its length is seen at once, for libFuzzer comes to such lengths only after minutes.
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
    # Time goes by on a machine that does something else; only a hang takes so long.
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
