import Testing

@testable import Interning

@Suite struct MappedArrayTests {
    @Test("it holds what an array holds, however large it grows", arguments: [0, 1, 7, 8, 5000, 300_000])
    func growing(_ count: Int) {
        var lean = MappedArray<Int64>()
        for number in 0..<count { lean.append(Int64(number * number)) }
        for number in stride(from: 0, to: count, by: 3) { lean[number] += 1 }
        var expected = (0..<count).map { Int64($0 * $0) }
        for number in stride(from: 0, to: count, by: 3) { expected[number] += 1 }
        #expect(lean.count == count)
        #expect((0..<count).map { lean[$0] } == expected)
        #expect(lean.withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) } == expected)
    }

    @Test("what nobody wrote is zero, between elements and behind them")
    func zeros() {
        var lean = MappedArray<Int32>(zeros: 3)
        lean[1] = 5
        for size in [10, 1000, 20_000, 500_000] {
            lean.extend(to: size)
            lean[size - 1] = 7
        }
        let written = (0..<lean.count).filter { lean[$0] != 0 }
        #expect(written == [1, 9, 999, 19_999, 499_999])
    }

    @Test("a copy is on its own", arguments: [10, 100_000])
    func copies(_ count: Int) {
        var first = MappedArray<Int32>(zeros: count)
        first[3] = 1
        var second = first
        second[3] = 2
        first.append(4)
        first[5] = 6
        #expect(first[3] == 1 && second[3] == 2)
        #expect(first.count == count + 1 && second.count == count)
        #expect(first[5] == 6 && second[5] == 0)
    }
}
