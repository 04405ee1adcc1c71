// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The memory that the supervisor and its workers share: what each is at, what was counted, and rate limits.
///
/// The supervisor makes it, workers map what they inherit, and it lives as long as the installation runs.
package struct SharedMemory: Sendable {
    // Words of the header.
    private static let magic = 0
    private static let version = 1
    private static let slotCount = 2
    private static let rateLimitBytes = 3
    private static let seed = 4
    private static let stopping = 6

    private let segment: MemorySegment
    private let layout: SharedMemoryLayout
    private let header: AtomicWords

    /// Makes the memory.
    ///
    /// - Parameters:
    ///   - slots: How many workers there can be at once, those included that a roll or a signal adds.
    ///   - rateLimitBytes: The size of ``rateLimits``.
    /// - Returns: The memory, all zeros but for its header.
    /// - Throws: ``SharedMemoryError``.
    package static func create(slots: Int, rateLimitBytes: Int) throws(SharedMemoryError) -> SharedMemory {
        guard let layout = SharedMemoryLayout(slots: slots, rateLimitBytes: rateLimitBytes) else { throw .foreign }
        let segment: MemorySegment
        do throws(SystemCallError) {
            segment = try MemorySegment.create(size: layout.size)
        } catch {
            throw .system(error)
        }
        let memory = SharedMemory(segment, layout)
        var random = SystemRandomNumberGenerator()
        memory.header[version] = SharedMemoryLayout.version
        memory.header[slotCount] = UInt64(slots)
        memory.header[Self.rateLimitBytes] = UInt64(rateLimitBytes)
        memory.header[seed] = random.next()
        memory.header[seed + 1] = random.next()
        _ = memory.names(.counters).place(of: MetricName(.overflow).text)
        _ = memory.names(.histograms).place(of: MetricName.otherRequests.text)
        memory.header[magic] = SharedMemoryLayout.magic
        return memory
    }

    /// Maps the memory behind an inherited descriptor, which belongs to it from now on.
    ///
    /// - Throws: ``SharedMemoryError``; unless it is ``SharedMemoryError/system(_:)`` the descriptor is closed then.
    package init(descriptor: Int32) throws(SharedMemoryError) {
        let segment: MemorySegment
        do throws(SystemCallError) {
            segment = try MemorySegment(descriptor: descriptor)
        } catch {
            throw .system(error)
        }
        guard segment.bytes.count >= SharedMemoryLayout.pageSize else { throw .foreign }
        let header = AtomicWords(segment, offset: 0, count: SharedMemoryLayout.pageSize / 8)
        guard header[Self.magic] == SharedMemoryLayout.magic else { throw .foreign }
        guard header[Self.version] == SharedMemoryLayout.version else {
            throw .otherLayout(version: header[Self.version])
        }
        guard
            let slots = Int(exactly: header[Self.slotCount]),
            let rateLimitBytes = Int(exactly: header[Self.rateLimitBytes]),
            let layout = SharedMemoryLayout(slots: slots, rateLimitBytes: rateLimitBytes),
            layout.size == segment.bytes.count
        else { throw .foreign }
        self.init(segment, layout)
    }

    private init(_ segment: MemorySegment, _ layout: SharedMemoryLayout) {
        self.segment = segment
        self.layout = layout
        header = AtomicWords(segment, offset: 0, count: SharedMemoryLayout.pageSize / 8)
    }

    /// What a child inherits to map the same memory (close-on-exec here).
    package var descriptor: Int32 { segment.descriptor }

    /// How many workers there can be at once.
    package var slots: Int { layout.slots }

    /// The slot of a worker.
    package func slot(_ index: Int) -> ScoreboardSlot {
        precondition(0..<slots ~= index)
        return ScoreboardSlot(segment, layout, index)
    }

    /// The slot of the supervisor, which counts too.
    package var supervisor: ScoreboardSlot { ScoreboardSlot(segment, layout, slots) }

    /// Random, and the same for all: the key of hashes that outsiders must not foresee.
    package var seed: (UInt64, UInt64) { (header[Self.seed], header[Self.seed + 1]) }

    /// Whether the installation is about to stop, and should get no new clients.
    package var isStopping: Bool {
        get { header[Self.stopping] != 0 }
        nonmutating set { header[Self.stopping] = newValue ? 1 : 0 }
    }

    /// The region for rate limits: zeros at first, aligned to a page, for atomics alone.
    ///
    /// It is valid as long as this memory is kept.
    package var rateLimits: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            rebasing: segment.bytes[layout.rateLimits..<layout.rateLimits + layout.rateLimitBytes]
        )
    }

    /// The names of what is counted.
    package func names(_ kind: NameTable.Kind) -> NameTable {
        NameTable(segment, layout, kind)
    }
}
