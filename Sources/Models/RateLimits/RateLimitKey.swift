// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Whose requests a limit counts together.
package struct RateLimitKey: Hashable, Sendable {
    /// What is counted: the same client has a count of its own for each.
    package enum Kind: String, Sendable {
        case address
        case apiKey = "api_key"
        case user
        case failedCredential = "failed_credential"
        case failedGrant = "failed_grant"
        case signIn = "sign_in"
        /// No limit but a note: an API key that was good lately.
        case goodAPIKey = "good_api_key"
    }

    package let kind: Kind
    /// Whatever tells one client from another; only its hash is kept.
    package let bytes: [UInt8]

    package init(_ kind: Kind, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    /// The requests of a client address, at the operation `operation` if that has a count of its own.
    ///
    /// All of an IPv6 /64 is one client: that is the least that one customer has.
    package init(_ kind: Kind, address: IPAddress?, operation: String = "") {
        // Peers of a Unix socket have no address, and count as one.
        let isV6 = address?.family == .ipv6
        let bits = address.map { isV6 ? $0.bits >> 64 : $0.bits } ?? 0
        var bytes: [UInt8] = [address == nil ? 0 : isV6 ? 6 : 4]
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        self.init(kind, bytes + Array(operation.utf8))
    }
}
