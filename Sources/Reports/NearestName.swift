extension Collection<String> {
    /// The name that somebody may have meant who wrote another; nil if none comes near. A letter too many or too few counts
    /// one, a wrong one or two in the wrong order two; four are too many.
    public func nearest(to name: String) -> String? {
        let near = map { (name: $0, distance: $0.lowercased().difference(from: name.lowercased()).count) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return near.flatMap { $0.distance < Swift.min(4, name.count) ? $0.name : nil }
    }
}
