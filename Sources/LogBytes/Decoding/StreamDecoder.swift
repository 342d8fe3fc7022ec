/// A decompression library that is called again and again with what is left of an input and of an output buffer.
///
/// Where a stream begins and ends and what is damage differs between formats; how buffers are filled does not, and
/// stands in ``StreamDecoder``.
protocol StreamFormat: AnyObject {
    /// Whether the bytes used so far end inside a stream, so that more must follow.
    var isInsideStream: Bool { get }

    /// Decodes some of the input into the output, advancing both; returns the damage met, after which it is not called
    /// again.
    ///
    /// The input is empty only if the call before filled its output.
    func step(_ input: inout EncodedInput, _ output: inout DecodedOutput) -> Damage?
}

/// The buffer that a decoder fills, and how far it has.
struct DecodedOutput {
    let buffer: UnsafeMutableRawBufferPointer
    var count = 0

    /// The part still to be filled.
    var rest: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: buffer[count...]) }

    var isFull: Bool { count == buffer.count }
}

/// The decoded bytes of a stream format: keeps its buffers filled and notices when the input ends too early.
final class StreamDecoder: ByteSource {
    private let format: any StreamFormat
    private var input: EncodedInput
    private var damage: Damage?
    private var isFinished = false
    private var mayHoldOutput = false

    /// Decodes a source, taking at most `chunkBytes` from it at a time.
    init(_ format: any StreamFormat, from source: any ByteSource, chunkBytes: Int) {
        self.format = format
        input = EncodedInput(from: source, byteCount: chunkBytes)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        var output = DecodedOutput(buffer: buffer)
        while !output.isFull && !isFinished && damage == nil {
            // A library that filled the output may hold more of it, and must be asked before it is fed again.
            if input.isEmpty && !(mayHoldOutput && format.isInsideStream) {
                if output.count > 0 { break }
                refill()
                continue
            }
            damage = format.step(&input, &output)
            mayHoldOutput = output.isFull
        }
        if output.count == 0, let damage { throw damage }
        return output.count
    }

    func fileOffset(unread: Int) -> UInt64 { input.fileOffset }

    private func refill() {
        do throws(Damage) {
            if try input.refill() { return }
            if format.isInsideStream {
                damage = Damage(
                    kind: .truncated, offset: input.fileOffset, message: "the file ends inside a compressed stream")
            } else {
                isFinished = true
            }
        } catch {
            damage = error
        }
    }
}
