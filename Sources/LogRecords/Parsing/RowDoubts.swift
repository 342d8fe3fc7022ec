/// What a row of a table leaves open besides times that cannot be read, as its columns and members say that nobody knows beforehand.
///
/// Any time under an unknown name may be when the row began or ceased to hold. A state may say that it does not hold: under a name
/// that asks whether it does (`confirmed`, `tombstone`) by its value, under any other by a word such as `revoked`, or by a plain
/// yes or no of which nobody can tell the meaning. What says nothing of that (a name, a note, a model) says so by its own name.
struct RowDoubts {
    enum Table { case grants, cameras, sessions, others }

    /// What is in doubt of one row.
    struct Row {
        var openEnds: OpenEnds = []
        /// Why somebody should look at it.
        var problem: RejectReason?
        /// Whether it makes no record.
        var isUnusable = false
        /// Sessions and addresses that it names, where that is so.
        var sessions: [String] = []
    }

    /// A cell that no role of the profile reads.
    private struct Cell {
        var name: String
        var text: String
        var bytes: UnsafeRawBufferPointer
    }

    /// What the profile reads of a member.
    private enum Known {
        case time(OpenEnds)
        case name(Role)
        case state(Int)
        case other
    }

    private let profile: Profile
    private let table: Table
    private let from: Set<Int>
    private let until: Set<Int>
    private let owner: [Int]
    private let known: [String: Known]
    private var meanings: [String: (meaning: ColumnMeaning, isGrantee: Bool, holdsGrantees: Bool)] = [:]
    /// The columns of state that left some row open.
    private var open: Set<Int> = []
    private var openNames: Set<String> = []
    /// Columns of unknown names that held a time on some line.
    private(set) var timeColumns: Set<String> = []
    /// The ends that a known member of some row so far was of.
    private var seenEnds: OpenEnds = []
    private static let mostNames = 10_000
    /// Yes and no in other tables' words.
    private static let answers: Set<String> = [
        "x", "ja", "nein", "nej", "nee", "oui", "non", "si", "sí", "sim", "não", "nao", "tak", "nie", "да", "нет",
    ]

    /// - Returns: nil if the profile reads no table of the directory.
    init?(_ profile: Profile) {
        guard !profile.isLog else { return nil }
        self.profile = profile
        func has(_ kind: Profile.RecordKind) -> Bool { profile.maps.contains { $0.kind == kind } }
        table = has(.grant) ? .grants : has(.camera) ? .cameras : has(.session) ? .sessions : .others
        func fields(_ role: Role) -> [Int] { profile.maps.flatMap { $0[role]?.fields ?? [] } }
        from = Set(fields(.from))
        until = Set(fields(.until))
        owner = fields(.owner)
        var known: [String: Known] = [:]
        for (number, name) in profile.fields.enumerated() {
            if let role = [Role.owner, .camera, .grantee, .account, .session, .address].first(where: {
                fields($0).contains(number)
            }) {
                known[name] = .name(role)
            } else if from.contains(number) || until.contains(number) {
                known[name] = .time(from.contains(number) ? until.contains(number) ? .both : .from : .until)
            } else if profile.stateColumns.contains(where: { $0.field == number }) {
                known[name] = .state(number)
            } else {
                known[name] = .other
            }
        }
        self.known = known
    }

    /// What the row read last leaves open.
    mutating func read(_ values: FieldValues, _ bytes: UnsafeRawBufferPointer, _ scanner: LineScanner?) -> Row {
        var row = Row()
        for column in profile.stateColumns {
            guard let value = values[column.field], column.leavesOpen(value, isGrant: table == .grants) else {
                continue
            }
            open.insert(column.field)
            row.openEnds = .both
        }
        switch scanner {
        case .delimited(let columns):
            for cell in columns.foreignCells {
                let value = UnsafeRawBufferPointer(rebasing: bytes[cell.range])
                look(
                    at: Cell(name: columns.foreignColumns[cell.column].name, text: Self.text(value), bytes: value),
                    values, &row)
            }
            if columns.differing.contains(where: from.contains) { row.openEnds.insert(.from) }
            if columns.differing.contains(where: until.contains) { row.openEnds.insert(.until) }
        case .json where table != .others: readMembers(bytes, values, &row)
        default: break
        }
        return row
    }

    private static func text(_ value: UnsafeRawBufferPointer) -> String {
        var bytes = value.prefix(64).drop { $0 == 0x20 }
        while bytes.last == 0x20 { bytes = bytes.dropLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Members

    private mutating func readMembers(_ bytes: UnsafeRawBufferPointer, _ values: FieldValues, _ row: inout Row) {
        guard let members = JSONMembers(bytes)?.all else {
            row.openEnds = .both
            return
        }
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        for member in members where member.parent < 0 {
            if case .time(let ends)? = known[text(member.name)] { seenEnds.formUnion(ends) }
        }
        /// Of each member its path, and whether what stands in it is looked at.
        var paths: [(text: String, isSeen: Bool)] = []
        var first: [String: Range<Int>] = [:]
        for member in members {
            let name = text(member.name)
            let parent = member.parent < 0 ? nil : paths[member.parent]
            let isElement = member.parent >= 0 && members[member.parent].kind == .array
            let path = isElement ? parent?.text ?? name : parent.map { "\($0.text).\(name)" } ?? name
            let isContainer = member.kind == .object || member.kind == .array
            paths.append((path, false))
            guard !isElement, let known = known[path] else {
                let isSeen = parent?.isSeen ?? true
                paths[paths.count - 1].isSeen = isSeen && isContainer
                if isSeen { look(at: member, name, bytes, values, &row) }
                continue
            }
            if table == .cameras, case .other = known, member.kind != .null, meaning(of: name).isGrantee {
                refuse(&row)
            }
            // An array of one is that one.
            let isWhole = !isContainer || member.kind == .array && member.elements == 1
            let isTwice = first[path].map { !bytes[$0].elementsEqual(bytes[member.value]) } ?? false
            first[path] = member.value
            if isWhole, !isTwice { continue }
            switch known {
            case .time(let ends):
                row.openEnds.formUnion(ends)
                row.problem = row.problem ?? .badTime
            case .name where member.kind == .array && member.elements == 0: break
            case .name: (row.problem, row.isUnusable) = (.severalValues, true)
            case .state(let field):
                open.insert(field)
                row.openEnds = .both
            case .other: break
            }
        }
        guard table == .sessions, row.isUnusable else { return }
        row.sessions = members.indices.compactMap { index in
            guard case .name(let role)? = known[paths[index].text], role == .session || role == .address,
                members[index].kind == .text || members[index].kind == .bare
            else { return nil }
            return text(members[index].value)
        }
    }

    private mutating func look(
        at member: JSONMembers.Member, _ name: String, _ bytes: UnsafeRawBufferPointer, _ values: FieldValues,
        _ row: inout Row
    ) {
        let value = UnsafeRawBufferPointer(rebasing: bytes[member.value])
        switch member.kind {
        case .text, .bare:
            look(at: Cell(name: name, text: Self.text(value), bytes: value), values, &row)
            if table == .cameras, member.parent < 0, meaning(of: name).isGrantee { refuse(&row) }
        case .null: look(at: Cell(name: name, text: "", bytes: value), values, &row)
        case .object, .array:
            guard table == .cameras, !value.dropFirst().allSatisfy({ [0x20, 0x5d, 0x7d].contains($0) }) else { return }
            // Whom a camera is shared with, in its own row.
            let said = meaning(of: name)
            if said.isGrantee || said.holdsGrantees { refuse(&row) }
        }
    }

    /// A row that may be of a right and not of an owner is none of an owner.
    private func refuse(_ row: inout Row) { (row.problem, row.isUnusable) = (.mayBeRight, true) }

    // MARK: Cells

    /// What a name says; the same names stand on all rows.
    private mutating func meaning(
        of name: String
    ) -> (meaning: ColumnMeaning, isGrantee: Bool, holdsGrantees: Bool) {
        if let known = meanings[name] { return known }
        if meanings.count > Self.mostNames { meanings = [:] }
        let said = (
            ColumnMeaning(name, of: table), ForeignColumns.isGrantee(name), ForeignColumns.holdsGrantees(name)
        )
        meanings[name] = said
        return said
    }

    private mutating func look(at cell: Cell, _ values: FieldValues, _ row: inout Row) {
        let meaning = meaning(of: cell.name).meaning
        let word = cell.text.lowercased()
        let isAbsent = StateColumn.isAbsent(word)
        let isTime = !isAbsent && isTime(cell, meaning)
        if isTime, timeColumns.count < Self.mostNames { timeColumns.insert(cell.name) }
        var ends = isTime ? foreignTimeEnds(values) : []
        // It ended then, if nothing says when else.
        if isTime, table != .others, meaning == .ended, !until.contains(where: { values[$0]?.isEmpty == false }) {
            ends.insert(.until)
        }
        if !isTime, saysNotInForce(word, isAbsent: isAbsent, meaning, cell, values) {
            if openNames.count < Self.mostNames { openNames.insert(cell.name) }
            ends = .both
        }
        if table == .cameras, meaning == .unknown, !isTime, !isAbsent, isLikeOwner(cell, values) { refuse(&row) }
        // The owner that the row names is one all the same.
        if meaning == .coOwner, !isAbsent { row.problem = row.problem ?? .severalValues }
        row.openEnds.formUnion(ends)
    }

    private func isTime(_ cell: Cell, _ meaning: ColumnMeaning) -> Bool {
        if meaning == .identifier || meaning == .zone {
            return cell.bytes.count >= 10 && cell.bytes[4] == UInt8(ascii: "-") && Timestamp(bytes: cell.bytes) != nil
        }
        return TableTime.mayHoldTime(cell.bytes)
    }

    /// What a time in a column of an unknown name may be. Of a camera it may be when it was bought or made, if the table says
    /// elsewhere since when and until when it was owned, and of a session when it was last seen.
    private func foreignTimeEnds(_ values: FieldValues) -> OpenEnds {
        switch table {
        case .grants: return .both
        case .others: return []
        case .cameras, .sessions: break
        }
        // In a table of columns each is there for every row.
        if case .json = profile.syntax { return OpenEnds.both.subtracting(seenEnds) }
        var ends: OpenEnds = []
        if !from.contains(where: { values[$0] != nil }) { ends.insert(.from) }
        if !until.contains(where: { values[$0] != nil }) { ends.insert(.until) }
        return ends
    }

    private func saysNotInForce(
        _ word: String, isAbsent: Bool, _ meaning: ColumnMeaning, _ cell: Cell, _ values: FieldValues
    ) -> Bool {
        guard table != .others else { return false }
        let isGrant = table == .grants
        if isAbsent { return meaning == .acceptance || meaning == .right && word == "none" }
        return switch meaning {
        case .ended: StateColumn.leavesOpen(word, .ended, isGrant: isGrant)
        case .live: StateColumn.leavesOpen(word, .live, isGrant: isGrant)
        case .acceptance: StateColumn.isNo(word)
        case .right: StateColumn.isNo(word) || StateColumn.isEnd(word)
        case .state:
            table == .cameras
                ? StateColumn.isEnd(word)
                : StateColumn.leavesOpen(word, .word, isGrant: true) && !StateColumn.isBeginning(word)
        case .length: true
        case .zone: !Self.isUTC(word) && hasLocalTime(values)
        case .coOwner: false
        case .otherOwner: !owner.contains { field in values[field].map { Self.text($0) == cell.text } ?? false }
        case .plain: isGrant && StateColumn.isEnd(word)
        case .identifier: false
        case .unknown:
            isGrant
                && (StateColumn.isEnd(word) || StateColumn.isNo(word) || StateColumn.isYes(word)
                    || Self.answers.contains(word))
        }
    }

    private func hasLocalTime(_ values: FieldValues) -> Bool {
        from.union(until).contains { field in values[field].flatMap(Timestamp.read)?.isLocal == true }
    }

    private static func isUTC(_ word: String) -> Bool {
        ["utc", "z", "gmt", "etc/utc", "etc/gmt", "+00:00", "+0000", "+00", "0", "utc+0", "zulu", "universal"].contains(
            word)
    }

    /// Whether a text of a table of cameras is written as the row's owner is, and names another: whom the camera is shared with, or
    /// who owns it too.
    private func isLikeOwner(_ cell: Cell, _ values: FieldValues) -> Bool {
        guard let known = owner.compactMap({ values[$0] }).first(where: { !$0.isEmpty }) else { return false }
        let name = Self.text(known)
        guard name != cell.text, let shape = Self.shape(name), shape == Self.shape(cell.text) else { return false }
        // Numbers are of many things.
        return shape != "9" || name.count >= 3 && name.count == cell.text.count
    }

    /// A text with `9` for a number, as `acct-9` of `acct-17`, or `a` for a word, if it has no numbers; nil if it has blanks.
    private static func shape(_ text: String) -> String? {
        let letters = text.lowercased().unicodeScalars
        if letters.contains(where: \.properties.isWhitespace) { return nil }
        let hasNumbers = letters.contains { $0.properties.numericType != nil }
        var shape = ""
        for letter in letters {
            let isNumber = letter.properties.numericType != nil
            let mark: Character =
                isNumber ? "9" : letter.properties.isAlphabetic && !hasNumbers ? "a" : Character(letter)
            if shape.last != mark || !isNumber && hasNumbers { shape.append(mark) }
        }
        return shape
    }

    // MARK: Notes

    /// A sentence for each column of state that left rows open.
    var notes: [String] {
        let names = open.sorted().map { profile.fields[$0] } + openNames.subtracting(timeColumns).sorted().prefix(16)
        let rows =
            table == .grants ? "grants held" : table == .sessions ? "sessions were an account's" : "cameras were owned"
        return names.map {
            "column '\($0)' does not say of all rows that they are in force, nor since when they are not: when these \(rows) is taken to be open"
        }
    }

    /// A sentence for each JSON member of an unknown name that holds times.
    var memberNotes: [String] {
        guard case .json = profile.syntax, let open = opened(!seenEnds.contains(.from), !seenEnds.contains(.until))
        else { return [] }
        return timeColumns.sorted().prefix(16).map {
            "member '\($0)' is not known, and holds times: \(open) is taken to be open"
        }
    }

    /// What times in columns of unknown names leave open; nil: nothing.
    func opened(_ from: Bool, _ until: Bool) -> String? {
        let rows =
            switch table {
            case .grants: "when these grants held"
            case .cameras: "when these cameras were owned"
            case .sessions: "when these sessions were an account's"
            case .others: ""
            }
        if table == .grants { return rows }
        guard table != .others, from || until else { return nil }
        return from && until
            ? rows : rows.replacing("when ", with: from ? "since when " : "until when ", maxReplacements: 1)
    }
}
