// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The body of a request, which may still be on its way.
package enum RequestBody: Sendable {
    case empty
    /// All of it.
    case bytes([UInt8])
    /// What comes, or came, over the connection.
    case arriving(any ArrivingBody)
}

/// A body that comes over a connection.
package protocol ArrivingBody: Sendable {
    /// All of it, as soon as it is there.
    ///
    /// - Throws: ``ErrorCode/payloadTooLarge``, ``ErrorCode/malformed`` when it does not come whole,
    ///   ``ErrorCode/requestTimeout`` when it does not come in time.
    func bytes() async throws(DomainError) -> [UInt8]
}
