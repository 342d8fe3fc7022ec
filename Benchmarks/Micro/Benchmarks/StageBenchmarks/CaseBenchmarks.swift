import Analysis
import Benchmark
import Casefile
import LogRecords

/// `Casefile` and `Analysis`: records and whole dumps into a case on the disk.
func caseBenchmarks() {
    Benchmark("case: insert deliveries and fills") { benchmark in
        let caseFile = try Sample.newCase("insert")
        let batch = RecordBatch.sample(caseFile.names)
        benchmark.startMeasurement()
        try caseFile.write { db in try EventWriter(db, names: caseFile.names).write(batch) }
        benchmark.stopMeasurement()
    }

    Benchmark("case: ingest the dump") { _ in
        let caseFile = try Sample.newCase("ingest")
        try Ingest(caseFile, .init(roots: [Sample.dump.path], library: Sample.library())).run()
    }

    Benchmark("case: correlate the dump") { _ in
        try Correlator(Sample.analyzedCase, .init()).run()
    }
}
