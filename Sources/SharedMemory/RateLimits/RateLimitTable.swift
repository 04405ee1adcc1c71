// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// Counts requests for all processes that share the memory, exactly, and without locks: the generic cell rate algorithm.
///
/// An entry is the hash of a key and the time at which all of its limit is there again. Both change in one 128-bit
/// compare-and-exchange, so that an entry is never of two keys, and whatever instruction a process ends at, nothing is
/// held. An entry whose time has come says the same as none, and is free.
///
/// Two processes may take different entries for a key that has none, when one of them comes free between their looks. All
/// that come later use the first. What was counted in the other one is lost: one request for each process at most, and
/// only of a key that had all of its limit.
package struct RateLimitTable: @unchecked Sendable {
    // @unchecked: the pointers lead to atomics only, and `memory` keeps what they point at mapped.

    /// Entries in which a key can be: two cache lines.
    package static let bucketSize = 8
    /// Room for 262,144 keys at once; memory that nobody has touched costs nothing.
    package static let usualSize = 4 << 20

    private static let entrySize = 16

    private let memory: any Sendable
    private let entries: UnsafeMutablePointer<Atomic<WordPair>>
    /// The same memory: a look at half an entry takes no locked instruction.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let buckets: UInt64
    private let seed: (UInt64, UInt64)

    /// A request as a limit sees it.
    package struct Outcome: Hashable, Sendable {
        package let isAllowed: Bool
        /// Nanoseconds until all of the limit is there again.
        package let resetAfter: UInt64
        /// Whether the request took the entry of another key, all entries that it could have being in use.
        package let didEvict: Bool
    }

    /// The table that all processes of `memory` have; nil when that has no room for one.
    package init?(_ memory: SharedMemory) {
        guard memory.rateLimits.count >= Self.entrySize * Self.bucketSize else { return nil }
        self.init(memory.rateLimits, kept: memory, seed: memory.seed)
    }

    /// A table for this process alone.
    ///
    /// - Throws: ``SystemCallError`` when there is no memory.
    package init(ofProcess size: Int) throws(SystemCallError) {
        var random = SystemRandomNumberGenerator()
        let segment = try MemorySegment.create(size: size)
        self.init(segment.bytes, kept: segment, seed: (random.next(), random.next()))
    }

    private init(_ region: UnsafeMutableRawBufferPointer, kept memory: any Sendable, seed: (UInt64, UInt64)) {
        let buckets = region.count / (Self.entrySize * Self.bucketSize)
        // A page is more than an entry is aligned to; both are what the segment's layout promises.
        guard let base = region.baseAddress, buckets > 0, Int(bitPattern: base) % Self.entrySize == 0 else {
            preconditionFailure("the region holds a bucket and is aligned")
        }
        self.memory = memory
        self.entries = base.assumingMemoryBound(to: Atomic<WordPair>.self)
        self.words = base.assumingMemoryBound(to: Atomic<UInt64>.self)
        self.buckets = UInt64(buckets)
        self.seed = seed
    }

    /// Counts a request of `key`, unless it is too many.
    ///
    /// - Parameters:
    ///   - key: Whose request.
    ///   - interval: Nanoseconds in which the right to one request comes back.
    ///   - burst: How many may come at once.
    ///   - now: The time, on the clock that all processes share.
    ///   - counts: False only to ask.
    /// - Returns: What the limit says.
    package func take(_ key: [UInt8], interval: UInt64, burst: UInt64, now: UInt64, counts: Bool = true) -> Outcome {
        let tag = SipHash.hash(key, key: seed)
        let first = Int(tag % buckets) * Self.bucketSize
        while true {
            let (index, old) = entry(of: tag, in: first, now: now)
            let arrival = old.first == UInt(tag) ? max(UInt64(old.second), now) : now
            let next = arrival + interval
            guard next <= now + interval * burst else {
                return Outcome(isAllowed: false, resetAfter: arrival - now, didEvict: false)
            }
            guard counts else { return Outcome(isAllowed: true, resetAfter: arrival - now, didEvict: false) }
            let new = WordPair(first: UInt(tag), second: UInt(next))
            // When it fails, another process was faster, and what was read of the bucket is not true any more.
            if entries[index].compareExchange(expected: old, desired: new, ordering: .relaxed).exchanged {
                let didEvict = old.first != UInt(tag) && old.second > UInt(now)
                return Outcome(isAllowed: true, resetAfter: next - now, didEvict: didEvict)
            }
        }
    }

    /// The entry of `tag`; else the first free one; else the one that is free first.
    ///
    /// That one has counted least. Who wants to get rid of a used-up limit in this way needs as many other clients as used
    /// up as there are entries in the bucket, which he cannot foresee.
    private func entry(of tag: UInt64, in first: Int, now: UInt64) -> (index: Int, old: WordPair) {
        var best = (index: first, old: WordPair(first: 0, second: 0))
        var bestArrival = UInt64.max
        for index in first..<first + Self.bucketSize {
            let found = words[2 * index].load(ordering: .relaxed)
            if found == tag {
                let entry = entries[index].load(ordering: .relaxed)
                if entry.first == UInt(tag) { return (index, entry) }
            }
            // Halves of two entries, if it changes now: then the exchange fails.
            let arrival = words[2 * index + 1].load(ordering: .relaxed)
            // Of free ones the first, whatever their times, so that processes choose the same.
            if max(arrival, now) < bestArrival {
                best = (index, WordPair(first: UInt(found), second: UInt(arrival)))
                bestArrival = max(arrival, now)
            }
        }
        return best
    }
}
