extension Collection<String> {
    /// The name that somebody may have meant who wrote another; nil if none comes near. A letter too many or too few counts
    /// one, a wrong one or two in the wrong order two; four are too many. If none comes near as a whole, one that begins so.
    public func nearest(to name: String) -> String? {
        let word = name.lowercased()
        func nearest(by distance: (String) -> Int) -> String? {
            map { (name: $0, distance: distance($0.lowercased())) }
                .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
                .flatMap { $0.distance < Swift.min(4, name.count) ? $0.name : nil }
        }
        return nearest { $0.difference(from: word).count }
            ?? nearest { $0.prefix(Swift.max(word.count, 4)).difference(from: word).count }
    }
}
