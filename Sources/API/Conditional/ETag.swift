// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Schemas

/// The version of a resource (RFC 9110 section 8.8.3): a hash of what callers see of it.
///
/// Nothing has to be counted in the database, and whatever changes what is seen changes the version, be it the
/// permissions of a role that a user holds.
struct ETag: Hashable, Sendable {
    /// As it stands in the header, with its quotes.
    let text: String

    /// - Parameters:
    ///   - resource: The resource.
    ///   - json: All of it, which is not written again when everything in it counts.
    /// - Throws: ``ErrorCode/internal`` when OpenSSL fails.
    init<Resource: ResourceSchema>(of resource: Resource, json: [UInt8]) throws(DomainError) {
        try self.init(hashing: Resource.unversionedProperties.isEmpty ? json : resource.versionedJSON)
    }

    /// - Throws: as ``init(of:json:)``.
    init(hashing bytes: [UInt8]) throws(DomainError) {
        do throws(CryptoError) {
            let digest = try SHA256.digest(bytes)
            self.text = "\"\(Base64URL.encode(digest.prefix(16)))\""
        } catch {
            throw DomainError(.internal, "Something went wrong.", cause: error)
        }
    }
}
