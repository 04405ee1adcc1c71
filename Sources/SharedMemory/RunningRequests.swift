// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The requests that a worker is at, so that others can see what it has been doing for so long.
///
/// A row is 8 words: when the request began, which is what claims the row; the place of its operation in the table of
/// names, plus 1; and as much of its id as there is room for. A reader may see a row while it changes.
package struct RunningRequests: Sendable {
    /// How many are seen at once; others are only counted.
    private static let capacity = 128
    private static let rowWords = 8
    private static let operation = 1
    private static let identifier = 2..<rowWords
    static let wordCount = capacity * rowWords

    private let words: AtomicWords

    init(_ words: AtomicWords) {
        self.words = words
    }

    /// Writes a request down.
    ///
    /// - Parameters:
    ///   - id: The request's id.
    ///   - now: When it began.
    /// - Returns: Its row, nil when all are taken.
    package func begin(id: String, at now: MonotonicTime) -> Int? {
        for index in 0..<Self.capacity where words[index * Self.rowWords] == 0 {
            let row = row(index)
            guard row.claim(0, with: UInt64(truncatingIfNeeded: now.nanoseconds)) == 0 else { continue }
            row[Self.operation] = 0
            row.part(Self.identifier).write(id.utf8)
            return index
        }
        return nil
    }

    /// Adds what a request turned out to be: the number of ``SlotMetrics/operation(_:)``.
    package func setOperation(_ place: Int, ofRow index: Int) {
        row(index)[Self.operation] = UInt64(place + 1)
    }

    /// Forgets a request, and gives its row to others.
    package func end(row index: Int) {
        row(index)[0] = 0
    }

    /// The request that began first.
    package func oldest() -> (began: MonotonicTime, operation: Int?, id: String)? {
        var oldest: (began: UInt64, index: Int)?
        for index in 0..<Self.capacity {
            let began = words[index * Self.rowWords]
            if began != 0, began < oldest?.began ?? .max { oldest = (began, index) }
        }
        guard let oldest else { return nil }
        let row = row(oldest.index)
        let operation = row[Self.operation]
        return (
            MonotonicTime(nanoseconds: Int64(truncatingIfNeeded: oldest.began)),
            operation == 0 ? nil : Int(truncatingIfNeeded: operation - 1),
            row.part(Self.identifier).text
        )
    }

    func clear() {
        words.clear()
    }

    private func row(_ index: Int) -> AtomicWords {
        words.part(index * Self.rowWords..<(index + 1) * Self.rowWords)
    }
}
