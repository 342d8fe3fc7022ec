/// The traffic of one cache node, line after line in the order of time.
struct NodeTraffic {
    /// What was written; accounts by their place among the node's.
    struct Counts {
        var bytes = 0
        var exposures = 0
        var isOwner: [Bool]
        var isReceiver: [Bool]
    }

    private let name: String
    /// The numbers of the cameras, and so of their owners' accounts, that this node serves.
    private let cameras: [Int]
    /// Keys of each camera.
    private let keys: Int
    private let deliveries: Int
    private let fills: Int
    private var chance: SplitMix64

    init(
        name: String, cameras: some Sequence<Int>, keys: Int, deliveries: Int, fills: Int, chance: SplitMix64
    ) {
        self.name = name
        self.cameras = Array(cameras)
        self.keys = keys
        self.deliveries = deliveries
        self.fills = fills
        self.chance = chance
    }

    mutating func write(relay: PackedLog, cache: PackedLog) throws -> Counts {
        let none = Array(repeating: false, count: cameras.count)
        var counts = Counts(isOwner: none, isReceiver: none)
        // By key, the cameras' first ones before their second ones: the place in `cameras` of the frame that lies under it.
        var shown = [Int32](repeating: -1, count: cameras.count * keys)
        // The keys that have one.
        var filledKeys: [Int32] = []
        var stamp = StampText()
        let lines = deliveries + fills
        let step = Int(TrafficDump.span) / lines
        var fillsLeft = fills
        for index in 0..<lines {
            let time = TrafficDump.start + Int64(index * step + chance.below(step))
            stamp.set(time)
            // Drawn without replacement: the numbers of fills and deliveries come out exactly. A fill is first.
            if filledKeys.isEmpty || chance.below(lines - index) < fillsLeft {
                fillsLeft -= 1
                let camera = chance.below(cameras.count)
                let isFaulty = time >= TrafficDump.rollout
                let keyCamera = isFaulty && chance.below(100) == 0 ? chance.below(cameras.count) : camera
                let number = keys > 1 ? chance.below(keys) : 0
                let key = number * cameras.count + keyCamera
                if shown[key] < 0 { filledKeys.append(Int32(key)) }
                shown[key] = Int32(camera)
                counts.bytes += try cache.add {
                    $0.fill(stamp, name, (cameras[keyCamera], number), cameras[camera], isFaulty, &chance)
                }
            } else {
                let key = Int(chance.pick(filledKeys))
                let (number, keyCamera) = key.quotientAndRemainder(dividingBy: cameras.count)
                let camera = Int(shown[key])
                if camera != keyCamera {
                    counts.exposures += 1
                    counts.isOwner[camera] = true
                    counts.isReceiver[keyCamera] = true
                }
                counts.bytes += try relay.add { $0.delivery(stamp, name, (cameras[keyCamera], number), &chance) }
            }
        }
        try relay.close()
        try cache.close()
        return counts
    }
}

extension LineBytes {
    /// The cache log's line for a frame of one camera that was stored under another's key, or its own.
    fileprivate mutating func fill(
        _ stamp: StampText, _ node: String, _ key: (camera: Int, number: Int), _ camera: Int, _ isFaulty: Bool,
        _ chance: inout SplitMix64
    ) {
        add(stamp, node)
        add("\",\"op\":\"FILL\",\"key\":\"")
        add(key)
        add("\",\"frame\":\"f-")
        add(hex: chance.next(), width: 12)
        add("\",\"owner\":\"acct-")
        add(camera, width: 8)
        add("\",\"camera\":\"cam-")
        add(camera, width: 8)
        add("\",\"version\":\"")
        add(isFaulty ? TrafficDump.versions.after : TrafficDump.versions.before)
        add("\",\"ttl_s\":30}\n")
    }

    /// The relay's line for a delivery to the owner of the camera whose key was asked for.
    fileprivate mutating func delivery(
        _ stamp: StampText, _ node: String, _ key: (camera: Int, number: Int), _ chance: inout SplitMix64
    ) {
        let hasPoorNetwork = chance.below(5) == 0
        add(stamp, node)
        add("\",\"session\":\"s-")
        add(hex: chance.next(), width: 6)
        add("\",\"requester\":\"acct-")
        add(key.camera, width: 8)
        add("\",\"camera\":\"cam-")
        add(key.camera, width: 8)
        add("\",\"key\":\"")
        add(key)
        add("\",\"cache\":\"HIT\",\"status\":200,\"bytes\":")
        add(chance.within(9000...89_999))
        add(",\"rtt_ms\":")
        add(hasPoorNetwork ? chance.within(300...899) : chance.within(8...79))
        add(",\"loss_pct\":")
        let tenths = hasPoorNetwork ? chance.below(90) : 1
        add(tenths / 10)
        add(".")
        add(tenths % 10)
        add(chance.below(2) == 0 ? ",\"client\":\"nest-hub\"}\n" : ",\"client\":\"mi-home-app\"}\n")
    }

    /// A camera's first key has no number.
    private mutating func add(_ key: (camera: Int, number: Int)) {
        add("snap/")
        add(key.camera, width: 8)
        add("/latest")
        if key.number > 0 {
            add("/")
            add(key.number)
        }
    }

    private mutating func add(_ stamp: StampText, _ node: String) {
        add("{\"ts\":\"")
        add(stamp)
        add("\",\"node\":\"")
        add(node)
    }
}
