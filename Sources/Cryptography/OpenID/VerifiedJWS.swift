// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A JWS whose signature is its issuer's.
package struct VerifiedJWS: Sendable {
    /// Bytes that a foreign token may have before anything of it is decoded: some issuers list many groups.
    package static let maximumSize = 16_384

    /// The members of the header.
    package let header: [String: JSONValue]
    /// The bytes that were signed.
    package let payload: [UInt8]
}
