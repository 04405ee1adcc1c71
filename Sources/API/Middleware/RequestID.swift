// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

/// The id under which a request stands in the log and in its answer.
enum RequestID {
    /// The caller's own id when it is harmless, else a new one.
    static func choose(_ given: String?) -> String {
        guard let given, (1...128).contains(given.utf8.count), given.utf8.allSatisfy(isAllowed) else {
            return UUID.v7(at: SystemClock().now()).lowercased
        }
        return given
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 97...122, 65...90, 48...57, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
