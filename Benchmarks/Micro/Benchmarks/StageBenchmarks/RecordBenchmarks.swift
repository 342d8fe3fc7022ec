import Benchmark
import Interning
import LogRecords

/// `LogRecords`: lines in memory become records; every name is known after the first time.
func recordBenchmarks() {
    for log in [Sample.relay, Sample.cache] {
        let known = ThreadInternCache(StringInterner())
        Benchmark("parse: \(log.profile.name)") { _ in
            var batch = RecordBatch()
            log.parse(known, into: &batch)
            blackHole(batch.count)
        }
    }

    // As many names as the dump has lines, each once.
    let texts = (0..<(Sample.relay.lines.count + Sample.cache.lines.count)).map { "snap/\($0)/latest" }
    Benchmark("names: new ones") { _ in
        let names = StringInterner()
        for text in texts { blackHole(names.intern(text)) }
    }

    let known = StringInterner()
    Benchmark("names: known ones") { _ in
        for text in texts { blackHole(known.intern(text)) }
    }
}
