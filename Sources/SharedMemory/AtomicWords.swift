// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// 64-bit numbers in shared memory, each of them read and written in one piece.
///
/// All is relaxed: a reader sees each number as it was at some moment, and no order among them.
package struct AtomicWords: @unchecked Sendable {
    // @unchecked: the pointer leads to atomics only, and `segment` keeps what it points at mapped.

    private let segment: MemorySegment
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many there are.
    package let count: Int

    /// The numbers from the byte at `offset` on, which is a multiple of 8.
    init(_ segment: MemorySegment, offset: Int, count: Int) {
        precondition(offset >= 0 && offset % 8 == 0 && count >= 0 && offset + 8 * count <= segment.bytes.count)
        guard let base = segment.bytes.baseAddress else { preconditionFailure("a mapping has an address") }
        self.init(segment, (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self), count: count)
    }

    private init(_ segment: MemorySegment, _ words: UnsafeMutablePointer<Atomic<UInt64>>, count: Int) {
        self.segment = segment
        self.words = words
        self.count = count
    }

    /// Some of them, counted from 0 again.
    package func part(_ range: Range<Int>) -> AtomicWords {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return AtomicWords(segment, words + range.lowerBound, count: range.count)
    }

    package subscript(index: Int) -> UInt64 {
        get { word(index).pointee.load(ordering: .relaxed) }
        nonmutating set { word(index).pointee.store(newValue, ordering: .relaxed) }
    }

    /// Adds to a number; none of several additions at once is lost.
    package func add(_ value: UInt64, at index: Int) {
        word(index).pointee.wrappingAdd(value, ordering: .relaxed)
    }

    /// Subtracts from a number, as ``add(_:at:)`` adds.
    package func subtract(_ value: UInt64, at index: Int) {
        word(index).pointee.wrappingSubtract(value, ordering: .relaxed)
    }

    /// Replaces a number that is 0; gives what was there before.
    package func claim(_ index: Int, with value: UInt64) -> UInt64 {
        word(index).pointee.compareExchange(expected: 0, desired: value, ordering: .relaxed).original
    }

    /// Writes a number that says of others that they are complete.
    package func publish(_ value: UInt64, at index: Int) {
        word(index).pointee.store(value, ordering: .releasing)
    }

    /// Reads a number that ``publish(_:at:)`` wrote: what was written before it is then there.
    package func published(_ index: Int) -> UInt64 {
        word(index).pointee.load(ordering: .acquiring)
    }

    /// Makes all of them 0.
    package func clear() {
        for index in 0..<count { self[index] = 0 }
    }

    private func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        precondition(index >= 0 && index < count)
        return words + index
    }
}

// Text.
extension AtomicWords {
    /// Writes as much of `text` as there is room for, and zeros behind it.
    func write(_ text: some Collection<UInt8>) {
        var bytes = text.makeIterator()
        for index in 0..<count {
            var word: UInt64 = 0
            for position in 0..<8 {
                guard let byte = bytes.next() else { break }
                word |= UInt64(byte) << (8 * UInt64(position))
            }
            self[index] = word
        }
    }

    /// The text up to the first zero.
    var text: String {
        var bytes: [UInt8] = []
        for index in 0..<count {
            let word = self[index]
            for position in 0..<8 {
                let byte = UInt8(truncatingIfNeeded: word >> (8 * UInt64(position)))
                guard byte != 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
