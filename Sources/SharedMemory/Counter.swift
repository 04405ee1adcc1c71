// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A number of a slot that only grows.
package struct Counter: Sendable {
    private let words: AtomicWords
    private let place: Int

    init(_ words: AtomicWords, _ place: Int) {
        self.words = words
        self.place = place
    }

    /// What was counted since the installation started, by all workers that had the slot.
    package var value: UInt64 { words[place] }

    /// Counts something.
    package func add(_ amount: UInt64 = 1) {
        words.add(amount, at: place)
    }
}
