import Foundation

/// A headless Chromium that is told what to do over two pipes: the DevTools protocol, one JSON message after the other, each
/// ended by a zero byte (Chromium's `--remote-debugging-pipe`).
final class Chromium {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Nil if there is no browser on this machine.
    static let executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    static let absence: String = "NOT TESTED: there is no Chromium here; on Debian: apt-get install chromium"

    private let process = Process()
    private let requests = Pipe()
    private let answers = Pipe()
    private let profile = FileManager.default.temporaryDirectory.appending(
        path: "strayframe-chromium-\(UUID().uuidString)")
    private var received = Data()
    private var number = 0
    private var session: String?
    /// What the browser has told of itself since the page was opened.
    private(set) var events: [(method: String, parameters: [String: Any])] = []

    /// Starts the browser with one empty page.
    init() throws {
        guard let executable = Self.executable else { throw Failure(description: Self.absence) }
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", executable, "--headless=new",
            "--no-sandbox",
            "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--hide-scrollbars",
            "--user-data-dir=\(profile.path)", "--remote-debugging-pipe", "about:blank",
        ]
        // A browser that is gone is an error here, not this process's end.
        signal(SIGPIPE, SIG_IGN)
        process.standardInput = requests
        process.standardOutput = answers
        try process.run()
        // A browser that hangs must not hang the suite: its end ends the reading below.
        let process = process
        DispatchQueue.global().asyncAfter(deadline: .now() + 240) { if process.isRunning { process.terminate() } }
        let target = try call("Target.createTarget", ["url": "about:blank"])
        let attached = try call("Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
        session = attached["sessionId"] as? String
        for domain in ["Page", "Runtime", "Log", "Network"] { try call("\(domain).enable") }
        try call("Page.setLifecycleEventsEnabled", ["enabled": true])
    }

    deinit {
        if process.isRunning {
            _ = try? call("Browser.close")
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: profile)
    }

    /// Calls a method of the protocol and waits for its answer.
    @discardableResult
    func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        number += 1
        var message: [String: Any] = ["id": number, "method": method, "params": parameters]
        if let session, !method.hasPrefix("Target."), !method.hasPrefix("Browser.") { message["sessionId"] = session }
        try requests.fileHandleForWriting.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
        while true {
            let answer = try next()
            guard answer["id"] as? Int == number else { continue }
            if let error = answer["error"] as? [String: Any] {
                throw Failure(description: "\(method): \(error["message"] ?? error)")
            }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    /// The next message; an event is kept as well.
    private func next() throws -> [String: Any] {
        while true {
            if let end = received.firstIndex(of: 0) {
                let text = received[received.startIndex..<end]
                received = Data(received[(end + 1)...])
                let message = try JSONSerialization.jsonObject(with: text) as? [String: Any] ?? [:]
                if let method = message["method"] as? String {
                    events.append((method, message["params"] as? [String: Any] ?? [:]))
                }
                return message
            }
            let more = answers.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "the browser has ended") }
            received.append(more)
        }
    }

    /// Opens a file and waits until it is loaded.
    func open(_ file: URL, width: Int = 1440, height: Int = 900, dark: Bool = false) throws {
        try look(width: width, height: height, dark: dark)
        events = []
        let going = try call("Page.navigate", ["url": file.absoluteString])
        if let error = going["errorText"] { throw Failure(description: "\(file.path): \(error)") }
        let loader = going["loaderId"] as? String
        // The empty page before it tells of its own loading too.
        func isLoaded(_ event: (method: String, parameters: [String: Any])) -> Bool {
            event.method == "Page.lifecycleEvent" && event.parameters["name"] as? String == "load"
                && event.parameters["loaderId"] as? String == loader
        }
        while !events.contains(where: isLoaded) { _ = try next() }
    }

    func look(width: Int, height: Int, dark: Bool = false) throws {
        try call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
        try call(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": dark ? "dark" : "light"]]])
    }

    /// The value of an expression of the page, as JSON has it; a promise is awaited.
    func value(_ expression: String) throws -> Any? {
        let answer = try call(
            "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
        if let thrown = answer["exceptionDetails"] as? [String: Any] {
            throw Failure(
                description: "\(expression): \((thrown["exception"] as? [String: Any])?["description"] ?? thrown)")
        }
        return (answer["result"] as? [String: Any])?["value"]
    }

    func texts(_ expression: String) throws -> [String] { try value(expression) as? [String] ?? [] }

    /// What the page complained of: errors and warnings of its script, of the network, of its security policy.
    var complaints: [String] {
        events.compactMap { method, parameters in
            switch method {
            case "Runtime.exceptionThrown": return "\(parameters["exceptionDetails"] ?? "")"
            case "Runtime.consoleAPICalled":
                return ["error", "warning", "assert"].contains(parameters["type"] as? String)
                    ? "\(parameters["args"] ?? "")" : nil
            case "Log.entryAdded":
                let entry = parameters["entry"] as? [String: Any] ?? [:]
                return ["error", "warning"].contains(entry["level"] as? String) ? "\(entry["text"] ?? entry)" : nil
            default: return nil
            }
        }
    }

    /// The addresses of all that was asked for.
    var requested: [String] {
        events.filter { $0.method == "Network.requestWillBeSent" }.compactMap {
            ($0.parameters["request"] as? [String: Any])?["url"] as? String
        }
    }

    /// A picture of what is in sight, as PNG.
    func screenshot() throws -> Data { try data("Page.captureScreenshot", ["format": "png"]) }

    func pdf() throws -> Data { try data("Page.printToPDF", ["printBackground": true, "preferCSSPageSize": true]) }

    private func data(_ method: String, _ parameters: [String: Any]) throws -> Data {
        let answer = try call(method, parameters)
        guard let data = (answer["data"] as? String).flatMap({ Data(base64Encoded: $0) }) else {
            throw Failure(description: "\(method) gave nothing")
        }
        return data
    }
}
