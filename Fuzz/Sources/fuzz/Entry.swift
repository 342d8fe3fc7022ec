import Foundation

/// What libFuzzer calls once, before the first input.
///
/// The environment's `FUZZ_TARGET` names the target: one executable holds them all, so that it is linked once.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafePointer<CInt>, _ arguments: UnsafeRawPointer) -> CInt {
    _ = target
    return 0
}

/// What libFuzzer calls with each input (llvm.org/docs/LibFuzzer.html): a crash, a leak or a hang is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

private let target: Target = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = targets[name] else {
        FileHandle.standardError.write(
            Data("FUZZ_TARGET: '\(name)' is not one of \(targets.keys.sorted().joined(separator: " "))\n".utf8))
        exit(64)
    }
    return target()
}()
