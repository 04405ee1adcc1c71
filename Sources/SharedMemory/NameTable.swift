// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A table of names that only grows: every process that asks for the place of a name gets the same one.
///
/// So workers of different releases can count side by side, each what it knows. A row is 32 words: the hash of the name,
/// which is what claims the row; the length of the name, once it stands there; and the name.
package struct NameTable: Sendable {
    /// What the names are of.
    package enum Kind: Int, CaseIterable, Sendable {
        case counters
        case histograms
        /// Operations, as they stand beside requests that run.
        case operations

        /// How many there is room for.
        package var capacity: Int {
            switch self {
            case .counters: 384
            case .histograms: 1024
            case .operations: 256
            }
        }

        static var totalSize: Int { allCases.reduce(0) { $0 + 8 * NameTable.rowWords * $1.capacity } }
    }

    /// The place of what finds no other: the first, which ``SharedMemory/create(slots:rateLimitBytes:)`` takes.
    static let overflow = 0
    private static let rowWords = 32
    private static let textOffset = 2
    /// How long a name may be, in bytes.
    package static let maximumLength = 8 * (rowWords - textOffset)

    private let words: AtomicWords
    private let capacity: Int

    init(_ segment: MemorySegment, _ layout: SharedMemoryLayout, _ kind: Kind) {
        let before = Kind.allCases.prefix(kind.rawValue).reduce(0) { $0 + $1.capacity }
        capacity = kind.capacity
        words = AtomicWords(
            segment,
            offset: layout.names + 8 * Self.rowWords * before,
            count: Self.rowWords * capacity
        )
    }

    /// The place of a name, which is made when there is none yet; nil when the table is full or the name too long.
    package func place(of name: String) -> Int? {
        let text = Array(name.utf8)
        guard !text.isEmpty, text.count <= Self.maximumLength else { return nil }
        let hash = Self.hash(text)
        for place in 0..<capacity {
            let row = row(place)
            let owner = row.claim(0, with: hash)
            guard owner == 0 || owner == hash else { continue }
            if row.published(1) == 0 {
                // Whoever claimed the row may be dead; all who have this hash write the same.
                row.part(Self.textOffset..<Self.rowWords).write(text)
                row.publish(UInt64(text.count), at: 1)
            }
            return place
        }
        return nil
    }

    /// The names with their places.
    package var all: [(place: Int, name: String)] {
        var names: [(place: Int, name: String)] = []
        for place in 0..<capacity {
            let row = row(place)
            guard row[0] != 0 else { break }
            if row.published(1) != 0 { names.append((place, row.part(Self.textOffset..<Self.rowWords).text)) }
        }
        return names
    }

    /// The name that stands at a place.
    package func name(at place: Int) -> String? {
        guard 0..<capacity ~= place, row(place).published(1) != 0 else { return nil }
        return row(place).part(Self.textOffset..<Self.rowWords).text
    }

    private func row(_ place: Int) -> AtomicWords {
        words.part(place * Self.rowWords..<(place + 1) * Self.rowWords)
    }

    /// FNV-1a, never 0: the names are the program's own, so that nobody can choose them to collide.
    private static func hash(_ text: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return max(1, hash)
    }
}
