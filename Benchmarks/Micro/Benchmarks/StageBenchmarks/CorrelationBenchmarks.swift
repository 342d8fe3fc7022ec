import Benchmark
import Correlation
import Interning
import LogRecords

/// `Correlation`, over records in memory.
func correlationBenchmarks() {
    let batch = RecordBatch.sample(StringInterner())
    let directory = Directory()
    var frames = FrameIndex()
    for fill in batch.fills { frames.add(fill, directory) }
    let judge = Judge(directory: directory, frames: frames, rollouts: RolloutSchedule())

    Benchmark("correlate: survey keys and screen deliveries") { [batch] _ in
        var survey = UncontestedKeys(clocks: Clocks())
        for fill in batch.fills { survey.add(fill, directory) }
        for delivery in batch.deliveries { blackHole(judge.screen(delivery, &survey)) }
    }

    let events = (batch.fills.map(KeyEvent.fill) + batch.deliveries.map(KeyEvent.delivery))
        .sorted { ($0.key, $0.time.earliest) < ($1.key, $1.time.earliest) }
    let nodes = Array(Set(batch.deliveries.map(\.node)))
    Benchmark("correlate: sweep every key") { _ in
        var count = 0
        var sweep = Sweep(judge: judge, clocks: Clocks(), deliveringNodes: nodes)
        for event in events { sweep.add(event) { _, _ in count += 1 } }
        sweep.finish { _, _ in count += 1 }
        blackHole(count)
    }
}
