import Analysis
import Benchmark
import Casefile
import Correlation
import Interning
import LogRecords

/// `Casefile` and `Analysis`: records and whole dumps into a case on the disk.
func caseBenchmarks() {
    Benchmark("case: insert deliveries and fills") { benchmark in
        let caseFile = try Sample.newCase("insert")
        let batches = RecordBatch.bySource(caseFile.names)
        benchmark.startMeasurement()
        try caseFile.writeInSteps { db in
            try db.beginTransaction(.deferred)
            let writer = try EventWriter(db, caseFile)
            var encoder = EventEncoder(writer.circumstances)
            for batch in batches where try writer.write(encoder.encode(batch)) { try writer.flush() }
            try writer.flush()
            try db.commit()
        }
        benchmark.stopMeasurement()
    }

    Benchmark("case: ingest the dump") { _ in
        let caseFile = try Sample.newCase("ingest")
        try Ingest(caseFile, .init(roots: [Sample.dump.path], library: Sample.library())).run()
    }

    // What the correlation costs besides is the difference to the next one, which does it all.
    Benchmark("case: sweep every key of the dump, and nothing else") { _ in
        try Sample.analyzedCase.read { db in
            let reader = try EventReader(db, of: Sample.analyzedCase)
            var (keys, nodes) = (SymbolSet(), Set<SymbolID>())
            try reader.eachFill { keys.insert($0.key) }
            try reader.eachDeliveryBlock { block, _ in
                for delivery in block {
                    keys.insert(delivery.key)
                    nodes.insert(delivery.node)
                }
            }
            let directory = Directory(cameras: try reader.cameras(), grants: try reader.grants())
            let judge = Judge(
                directory: directory, frames: FrameIndex(), rollouts: RolloutSchedule(try reader.rollouts()))
            var sweep = Sweep(judge: judge, clocks: Clocks(), deliveringNodes: Array(nodes))
            var exposures = 0
            func count(_: Delivery, _ finding: Finding) { if finding.isExposure { exposures += 1 } }
            if var few = try reader.fewEvents(under: keys) {
                few.each { sweep.add($0, emit: count) }
            } else {
                try reader.eachSorted(under: keys) { sweep.add($0, emit: count) }
            }
            sweep.finish(emit: count)
            blackHole(exposures)
        }
    }

    Benchmark("case: correlate the dump") { _ in
        try Correlator(Sample.analyzedCase, .init()).run()
    }
}
