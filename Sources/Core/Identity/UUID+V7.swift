// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.UUID

extension UUID {
    /// A version 7 UUID (RFC 9562 section 5.7): 48 bits of milliseconds, then 74 random bits.
    ///
    /// New rows land at the end of the index, and sorting by id sorts by creation. It is an identifier, never a secret.
    package static func v7(at instant: Timestamp) -> UUID {
        var generator = SystemRandomNumberGenerator()
        return v7(at: instant, using: &generator)
    }

    /// The same with the randomness of the caller.
    package static func v7(at instant: Timestamp, using generator: inout some RandomNumberGenerator) -> UUID {
        let milliseconds = UInt64(max(0, instant.microseconds / 1000))
        let high: UInt64 = generator.next()
        let low: UInt64 = generator.next()
        func byte(_ value: UInt64, _ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
        return UUID(
            uuid: (
                byte(milliseconds, 5), byte(milliseconds, 4), byte(milliseconds, 3), byte(milliseconds, 2),
                byte(milliseconds, 1), byte(milliseconds, 0),
                0x70 | (byte(high, 0) & 0x0F), byte(high, 1),
                0x80 | (byte(low, 0) & 0x3F), byte(low, 1), byte(low, 2), byte(low, 3),
                byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            )
        )
    }
}
