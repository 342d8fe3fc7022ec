import Interning
import LogRecords
import Testing

@testable import Correlation

/// What keys hold of requests, and what one attribute more would cost, against arithmetic written out.
@Suite struct KeyChangeTests {
    private let names = StringInterner()

    private func use(
        _ key: String, camera: String = "", account: String = "", client: String = "", at second: Int = 0,
        _ status: CacheStatus = .hit, extra: String = ""
    ) -> KeyUse {
        func name(_ text: String) -> SymbolID { text.isEmpty ? .absent : names.intern(text) }
        let delivery = Delivery(
            id: EventID(rawValue: 1), time: EventTime(Int64(second) * 1_000_000), node: name("n"),
            requester: name(account), camera: name(camera), key: name(key), cacheStatus: status, client: name(client),
            extra: name(extra))
        return KeyUse(delivery, model: .absent)
    }

    private func shape(_ uses: [KeyUse], _ template: String) -> KeyShape { KeyShape(uses, template: template, names) }

    @Test("a key holds an attribute whose value stands in it between marks, whatever the order in which they come")
    func holds() {
        let found = shape(
            (0..<20).map {
                use(
                    "v1/hub-\($0 % 2)/cam-\(100 + $0).jpg?size=2", camera: "cam-\(100 + $0)",
                    account: "acct-\(100 + $0)",
                    client: "hub-\($0 % 2)")
            }, "v{n}/hub-{n}/cam-{n}.jpg?size={n}")
        #expect(found.holds == ["camera", "client"])
        #expect(found.text == "v{n}/{client}/{camera}.jpg?{size}")
        // What the profile maps beyond the known attributes.
        let extra = shape(
            (0..<20).map { use("s/\($0)/eu-\($0 % 3)", camera: "\($0)", extra: "site=eu-\($0 % 3)") }, "s/{n}/eu-{n}")
        #expect(extra.text == "s/{camera}/{site}" && extra.holds == ["camera", "site"])
    }

    @Test("a part of a name is not that name, and one value that all requests have tells none apart")
    func lacks() {
        let part = shape((0..<20).map { use("snap/cam-1\($0)0", camera: "cam-1\($0)") }, "snap/cam-{n}")
        #expect(part.holds.isEmpty)
        let same = shape((0..<20).map { use("hub/\($0 % 4)", camera: "cam-\($0)", client: "hub") }, "hub/{n}")
        #expect(same.holds.isEmpty)
    }

    @Test("a number says what it is made of: the end of the camera's name, or the word before it")
    func derived() {
        let digits = shape(
            (0..<40).map {
                use(
                    "fast/\(($0 * 37 + 10_000) % 100 + 100)".replacing("fast/1", with: "fast/"),
                    camera: "\($0 * 37 + 10_000)")
            },
            "fast/{n}")
        #expect(digits.text == "fast/{last 2 of camera}" && digits.holds.isEmpty)
        let slot = shape(
            (0..<40).map { use("snap/slot-0\($0 * 7 % 8)/latest", camera: "cam-\($0)") }, "snap/slot-{n}/latest")
        #expect(slot.text == "snap/{slot}/latest" && slot.derived == ["slot"])
    }

    @Test(
        "a hit rate is replayed with the lifetime that gives the logged one: two cameras in turns never hit with their own"
    )
    func price() throws {
        // Every second a request, of two cameras in turns; every tenth is fetched: an entry lives nine seconds.
        let uses = (0..<400).map {
            use("slot", camera: "cam-\($0 % 2)", at: $0, $0 % 10 == 0 ? .miss : .hit)
        }
        let replay = try #require(KeyReplay(uses))
        #expect(replay.hitRate == 0.9)
        // With the camera each of the two entries is asked for every other second: fetched at 0, 10, 20, and at 1, 11, 21.
        #expect(abs(replay.hitRate { $0.camera } - 0.8) < 0.02)
        #expect(KeyReplay([]) == nil)
        #expect(KeyReplay((0..<50).map { use("slot", at: $0, .unknown) }) == nil)
    }

    @Test("what left the key is a sentence, with what would separate the exposures")
    func story() {
        let (v1, v2, node) = (names.intern("v1"), names.intern("v2"), names.intern("n"))
        func template(_ rollout: SymbolID, _ number: Int, _ text: String, _ count: Int) -> TemplateUse {
            TemplateUse(node: node, rollout: rollout, number: number, template: text, deliveries: count, onPath: count)
        }
        let sound = (0..<40).map { use("snap/cam-\($0)/latest", camera: "cam-\($0)", account: "acct-\($0)", at: $0) }
        let faulty = (0..<40).map {
            use(
                "snap/slot-\($0 % 4)/latest", camera: "cam-\($0)", account: "acct-\($0)", at: 100 + $0,
                $0 < 4 ? .miss : .hit)
        }
        let strays = faulty.dropFirst(4).map {
            StrayUse($0, rollout: v2, frameCamera: names.intern("cam-\(99)"), frameModel: .absent, isToStranger: true)
        }
        let changes = KeyChanges(
            [
                template(v1, 0, "snap/cam-{n}/latest", 40), template(v2, 1, "snap/slot-{n}/latest", 40),
            ], keys: { $0.number == 0 ? 40 : 4 }, uses: sound + faulty, isReplayable: true, strays: strays,
            filled: (0..<12).map {
                FilledKey(
                    node: node, key: names.intern("snap/slot-\($0 % 4)/latest"), camera: names.intern("cam-\($0)"))
            }, order: [v1, v2], names)
        #expect(changes.rows.map(\.shape) == ["snap/{slot}/latest", "snap/{camera}/latest"])
        #expect(changes.rows.map(\.holds) == [[], ["camera"]])
        #expect(changes.rows[0].exposures == 36 && changes.rows[0].exposedKeys == 4)
        #expect(changes.remedies.first?.attribute == "camera" && changes.remedies.first?.separated == 36)
        #expect(changes.remedies.first?.hitRate == 0.9 && changes.remedies.first?.hitRateWith == 0)
        #expect(
            changes.sentence
                == "Until rollout v2 the key held the camera (snap/{camera}/latest); since then, on the path of the cause, it is "
                + "snap/{slot}/latest and no longer tells the camera: it takes 4 values, and 4 keys held frames of 12 cameras. "
                + "Adding the camera would separate every exposure to strangers, at a hit rate of 0 % under these keys instead of 90 %."
        )
    }

    @Test(
        "a template that appears while another goes on under the same rollout did not come with it",
        arguments: [(2, true), (8, true), (30, false)])
    func later(goingOn: Int, isRollouts: Bool) throws {
        let (v1, v2, node) = (names.intern("v1"), names.intern("v2"), names.intern("n"))
        let sound = (0..<40).map { use("snap/cam-\($0)/latest", camera: "cam-\($0)", account: "acct-\($0)", at: $0) }
        let faulty = (0..<40).map {
            use("snap/slot-\($0 % 4)/latest", camera: "cam-\($0)", account: "acct-\($0)", at: 100 + $0)
        }
        func template(_ rollout: SymbolID, _ number: Int, _ text: String, _ count: Int) -> TemplateUse {
            TemplateUse(node: node, rollout: rollout, number: number, template: text, deliveries: count, onPath: count)
        }
        let changes = KeyChanges(
            [
                template(v1, 0, "snap/cam-{n}/latest", 40), template(v2, 0, "snap/cam-{n}/latest", goingOn),
                template(v2, 1, "snap/slot-{n}/latest", 40),
            ], keys: { $0.number == 0 ? 40 : 4 }, uses: sound + faulty, isReplayable: true,
            strays: faulty.map {
                StrayUse(
                    $0, rollout: v2, frameCamera: names.intern("cam-99"), frameModel: .absent, isToStranger: true)
            }, filled: [], order: [v1, v2], names)
        let sentence = try #require(changes.sentence)
        #expect(
            sentence.hasPrefix(
                isRollouts
                    ? "Until rollout v2 the key held the camera"
                    : "On other requests the key holds the camera (snap/{camera}/latest); where frames strayed it is snap/{slot}/latest"
            ), "\(sentence)")
    }

    @Test("a key that tells the camera lacks nothing: what mixed the frames is another cache")
    func innocent() {
        let (v1, node) = (names.intern("v1"), names.intern("n"))
        let uses = (0..<40).map { use("snap/cam-\($0)/latest", camera: "cam-\($0)", account: "acct-\($0)", at: $0) }
        let strays = uses[..<10].map {
            StrayUse($0, rollout: v1, frameCamera: names.intern("cam-99"), frameModel: .absent, isToStranger: true)
        }
        let changes = KeyChanges(
            [
                TemplateUse(
                    node: node, rollout: v1, number: 0, template: "snap/cam-{n}/latest", deliveries: 40, onPath: 40)
            ], keys: { _ in 40 }, uses: uses, isReplayable: true, strays: strays, filled: [], order: [v1], names)
        #expect(
            changes.sentence
                == "The key is snap/{camera}/latest and tells the camera: it takes 10 values, and 10 keys held frames of 1 camera. "
                + "Since it tells the camera, something else mixed them, such as a cache above: the camera in its key would "
                + "separate every exposure to strangers.")
    }

    @Test("of each template the same keys are kept, whatever the order in which they come")
    func samples() {
        let keys = (0..<300).map { "k/\($0)" }
        func kept(_ order: [String]) -> Set<String> {
            var samples = KeySamples()
            for key in order { samples.add(names.intern(key), key, template: 0) }
            let (count, some) = samples.keys(ofTemplate: 0)
            #expect(count == 300)
            return Set(some.map { names.text($0) })
        }
        #expect(kept(keys) == kept(keys.reversed()) && kept(keys).count == 24)
        #expect(KeySamples().keys(ofTemplate: 3).some.isEmpty)
    }
}
