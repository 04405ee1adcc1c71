// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Where everything stands in the segment: a header, the tables of names, a region for rate limits, and the slots.
///
/// All offsets are in bytes and follow from the number of slots and the size of the region for rate limits. Memory that
/// nobody has touched costs nothing, so that tables can be generous.
struct SharedMemoryLayout: Hashable, Sendable {
    /// "POSTERN" and a zero, as it stands in memory.
    static let magic: UInt64 = 0x004e_5245_5453_4f50
    /// To be raised with every change of this file, ``ScoreboardSlot`` or what is in the region for rate limits.
    static let version: UInt64 = 1

    static let pageSize = 4096
    static let maximumSlots = 1024

    let slots: Int
    let rateLimitBytes: Int

    /// Nil when the numbers are none that anybody would choose.
    init?(slots: Int, rateLimitBytes: Int) {
        guard 1...Self.maximumSlots ~= slots, 0...(1 << 32) ~= rateLimitBytes else { return nil }
        self.slots = slots
        self.rateLimitBytes = rateLimitBytes
    }

    /// Where the tables of names begin, behind the header.
    var names: Int { Self.pageSize }
    var rateLimits: Int { names + Self.pages(NameTable.Kind.totalSize) }
    /// Where the slots begin: one for each worker, and behind them that of the supervisor.
    var scoreboard: Int { rateLimits + Self.pages(rateLimitBytes) }
    var size: Int { scoreboard + (slots + 1) * ScoreboardSlot.size }

    /// `bytes` rounded up to whole pages.
    static func pages(_ bytes: Int) -> Int {
        (bytes + pageSize - 1) / pageSize * pageSize
    }
}
