// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

import struct FoundationEssentials.UUID

/// The id under which a request stands in the log and in its answer.
enum RequestID {
    /// The caller's own id when it is harmless, else a new one.
    static func choose(_ given: String?) -> String {
        guard let given, (1...128).contains(given.utf8.count), given.utf8.allSatisfy(isAllowed) else {
            var generator = Generator()
            return UUID.v7(at: SystemClock().now(), using: &generator).lowercased
        }
        return given
    }

    /// Numbers that no other request has and that look like chance; the system's own take a call of it each.
    ///
    /// An id is no secret, and whoever guesses one has nothing.
    private struct Generator: RandomNumberGenerator {
        private static let state = Atomic(UInt64.random(in: .min ... .max))

        /// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
        mutating func next() -> UInt64 {
            var bits = Self.state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 97...122, 65...90, 48...57, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
