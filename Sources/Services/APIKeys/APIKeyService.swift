// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// The life of API keys.
package struct APIKeyService: Sendable {
    /// A new key together with its secret, which nobody can get at again.
    package struct Created: Sendable {
        package let key: APIKey
        package let secret: Redacted<String>
    }

    /// The keys of one page.
    package struct Listing: Sendable {
        package let keys: [APIKey]
        /// Whether more keys follow.
        package let hasMore: Bool
    }

    private let apiKeys: any APIKeyRepository
    private let users: any UserRepository
    private let format: APIKeyFormat
    private let hasher: APIKeyHasher
    private let clock: any WallClock

    /// - Parameters:
    ///   - apiKeys: Where keys live.
    ///   - users: Where owners and their grants live.
    ///   - format: The form of keys.
    ///   - hasher: Hashes keys.
    ///   - clock: The time of day.
    package init(
        apiKeys: any APIKeyRepository,
        users: any UserRepository,
        format: APIKeyFormat,
        hasher: APIKeyHasher,
        clock: any WallClock
    ) {
        self.apiKeys = apiKeys
        self.users = users
        self.format = format
        self.hasher = hasher
        self.clock = clock
    }

    /// Makes a key for `owner` with `grants` of its own.
    ///
    /// What the owner holds is read from the database: an access token may be older than the last change.
    ///
    /// - Throws: ``ErrorCode/grantExceedsOwn`` when the owner lacks one of the grants, ``ErrorCode/validationFailed``
    ///   when `expiresAt` is past, ``ErrorCode/forbidden`` when the owner is gone or not active.
    package func create(
        for owner: Identifier<User>,
        name: String,
        grants: Grants,
        expiresAt: Timestamp?
    ) async throws(DomainError) -> Created {
        let now = clock.now()
        if let expiresAt, expiresAt <= now {
            let field = DomainError.Field("expires_at", code: "in_past", message: "must be in the future")
            throw DomainError(.validationFailed, "The input is not valid.", fields: [field])
        }
        guard let profile = try await users.profile(of: owner), profile.user.isActive else {
            throw DomainError(.forbidden, "This user may not have API keys.")
        }
        guard grants.limited(to: profile.grants) == grants else {
            throw DomainError(.grantExceedsOwn, "A key cannot hold roles or permissions that its owner does not hold.")
        }

        let secret: APIKeySecret
        let hash: [UInt8]
        do {
            secret = try format.generate()
            hash = try hasher.hash(secret)
        } catch {
            throw DomainError(wrapping: error)
        }
        let key = APIKey(
            id: .make(at: now),
            ownerID: owner,
            name: name,
            prefix: format.prefix,
            lastFour: secret.lastFour,
            grants: grants,
            createdAt: now,
            expiresAt: expiresAt,
            lastUsedAt: nil
        )
        try await apiKeys.create(key, secretHash: hash)
        return Created(key: key, secret: secret.text)
    }

    /// The keys of `owner`, newest first, behind `cursor`.
    package func list(
        owner: Identifier<User>,
        after cursor: Identifier<APIKey>?,
        limit: Int
    ) async throws(DomainError) -> Listing {
        let keys = try await apiKeys.list(owner: owner, after: cursor, limit: limit + 1)
        return Listing(keys: Array(keys.prefix(limit)), hasMore: keys.count > limit)
    }

    /// The key `id` of `owner`.
    ///
    /// - Throws: ``ErrorCode/notFound`` when there is none, and when it is somebody else's.
    package func find(_ id: Identifier<APIKey>, owner: Identifier<User>) async throws(DomainError) -> APIKey {
        guard let key = try await apiKeys.find(id, owner: owner) else { throw Self.notFound }
        return key
    }

    /// Ends the key `id` of `owner` for ever.
    ///
    /// - Throws: ``ErrorCode/notFound`` as ``find(_:owner:)``.
    package func revoke(_ id: Identifier<APIKey>, owner: Identifier<User>) async throws(DomainError) {
        guard try await apiKeys.revoke(id, owner: owner, at: clock.now()) else { throw Self.notFound }
    }

    private static let notFound = DomainError(.notFound, "There is no such API key.")
}
