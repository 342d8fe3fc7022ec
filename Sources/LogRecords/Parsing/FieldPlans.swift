/// What a profile says of maps, conditions and roles, made ready for a look at every line.
extension FieldReader {
    /// A class, so that looking at it costs one count of references and not one for each of its parts.
    final class Source: Sendable {
        let fields: [Int]
        let template: LineTemplate?
        let constant: String?
        let unit: LoggedDuration.Unit
        let dash: Int64?

        init(_ source: FieldSource) {
            (fields, template, constant) = (source.fields, source.template, source.constant)
            (unit, dash) = (source.unit, source.dash)
        }
    }

    /// What every line asks of a record map, made ready.
    struct MapPlan {
        let kind: Profile.RecordKind
        /// What a line must fulfil, in `conditions`.
        let conditions: Range<Int>
        let marksStart: Bool
        /// Whether a line's stamp is the end of an answer that began at some moment before.
        let canHideStart: Bool
        /// Whether a line may tell of no answer to a client.
        let mayBePart: Bool
        let hasExtras: Bool
        /// The fields that may hold tags (see `LineTag`), in `tagFields`.
        let tagFields: Range<Int>
        /// What is tagged on a delivery's line, in `tags`.
        let tags: Range<Int>

        init(
            _ map: RecordMap, _ conditions: Range<Int>, _ tagFields: Range<Int>, _ tags: Range<Int>
        ) {
            (self.tagFields, self.tags) = (tagFields, tags)
            kind = map.kind
            self.conditions = conditions
            marksStart = map.marksStart
            canHideStart = !map.marksStart && !map.marksInstant && (map[.status] != nil || map[.cache] != nil)
            mayBePart = map[.tier] != nil || map[.interim] != nil
            hasExtras = !map.extras.isEmpty
        }
    }

    /// What a line must fulfil, made ready.
    struct ConditionPlan {
        let field: Int
        let test: Test
        /// Those it names, in `words`.
        var words = 0..<0

        enum Test { case present, absent, isOneOf, isNoneOf }
    }

    /// Where a value comes from, made ready.
    struct Plan {
        /// The field, where the profile names just one and takes it whole; else -1.
        var field = -1
        /// The number of a value that every line has.
        var constant = SymbolID.absent
        /// Whether the profile says anything of the role.
        var isMapped = false
        /// Whether the value may be found in one of several fields, or in a part of one.
        var isSearched = false
        var unit = LoggedDuration.Unit.milliseconds
        /// Whether the fields are lengths of time to be added.
        var isSum = false
        /// Whether there are several fields, of which the first that has a value is taken.
        var hasAlternatives = false
        /// Whether the value is a part of a field.
        var hasTemplate = false
        /// Whether that is a segment of a URL's path.
        var isSegment = false
        /// Whether a field that is there without a value stands for one.
        var hasDash = false
        /// The fields to be searched, in `searchedFields`.
        var searched = 0..<0
        /// Of the part; held by the profile, as what means yes is.
        var template: Unmanaged<LineTemplate>?
        var yes: Unmanaged<Answers>?

        init(_ source: FieldSource?, _ names: StringInterner, _ allSearched: inout [Int]) {
            guard let source else { return }
            isMapped = true
            (unit, isSum) = (source.unit, source.isSum)
            hasAlternatives = source.fields.count > 1 && !source.isSum
            (hasTemplate, hasDash) = (source.template != nil, source.dash != nil)
            isSegment = source.template?.takesSegment == true
            template = source.template.map(Unmanaged.passUnretained)
            yes = source.yes.map(Unmanaged.passUnretained)
            searched = allSearched.count..<(allSearched.count + source.fields.count)
            allSearched += source.fields
            if source.fields.count == 1, source.template == nil {
                field = source.fields[0]
            } else {
                constant = source.constant.map { names.intern($0) } ?? .absent
                isSearched = !source.fields.isEmpty
            }
        }
    }
}
