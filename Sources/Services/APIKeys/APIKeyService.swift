// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// The life of API keys.
///
/// Everyone has power over one's own keys, and with `api_keys:manage` over those of users who may do no more than
/// oneself: who holds another's key acts as that user.
package struct APIKeyService: Sendable {
    /// A new key together with its secret, which nobody can get at again.
    package struct Created: Sendable {
        package let key: APIKey
        package let secret: Redacted<String>
    }

    let apiKeys: any APIKeyRepository
    let users: any UserRepository
    let audit: any AuditRepository
    let transactions: any Transactions
    let access: AccessGuard
    let clock: any WallClock
    private let format: APIKeyFormat
    private let hasher: APIKeyHasher

    /// - Parameters:
    ///   - apiKeys: Where keys live.
    ///   - users: Where owners and their grants live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - format: The form of keys.
    ///   - hasher: Hashes keys.
    ///   - clock: The time of day.
    package init(
        apiKeys: any APIKeyRepository,
        users: any UserRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        format: APIKeyFormat,
        hasher: APIKeyHasher,
        clock: any WallClock
    ) {
        self.apiKeys = apiKeys
        self.users = users
        self.audit = audit
        self.transactions = transactions
        self.access = AccessGuard(users: users)
        self.format = format
        self.hasher = hasher
        self.clock = clock
    }

    /// The keys of `owner`, or without one all that the initiator may see, newest first.
    ///
    /// - Throws: ``ErrorCode/forbidden`` when they are somebody else's and the initiator may see one's own alone.
    package func list(
        owner: Identifier<User>? = nil,
        by initiator: Initiator,
        after cursor: Identifier<APIKey>?,
        limit: Int
    ) async throws(DomainError) -> Listing<APIKey> {
        let owner = try APIKeyScope(of: initiator).narrowed(to: owner)
        return Listing(fetched: try await apiKeys.list(owner: owner, after: cursor, limit: limit + 1), limit: limit)
    }

    /// - Throws: ``ErrorCode/notFound`` when there is none, and when it is somebody else's and not in scope.
    package func find(_ id: Identifier<APIKey>, by initiator: Initiator) async throws(DomainError) -> APIKey {
        guard let key = try await apiKeys.find(id, owner: APIKeyScope(of: initiator).owner) else { throw .noSuchAPIKey }
        return key
    }

    /// Makes a key.
    ///
    /// What owner and initiator hold is read from the database: an access token may be older than the last change.
    ///
    /// - Throws: ``ErrorCode/grantExceedsOwn`` when the owner or the initiator lacks one of the grants,
    ///   ``ErrorCode/validationFailed`` when it would be over already or the owner does not exist,
    ///   ``ErrorCode/forbidden`` when the owner is not active or may do more than the initiator.
    package func create(_ new: NewAPIKey, by initiator: Initiator) async throws(DomainError) -> Created {
        let now = clock.now()
        try Self.checkExpiry(new.expiresAt, now: now)
        return try await transaction(by: initiator) { [self] scope, authority throws(DomainError) in
            guard let id = try scope.narrowed(to: new.owner) ?? initiator.userID else {
                throw .invalid("owner_id", code: "required", "is required")
            }
            guard let owner = try await users.profile(of: id) else {
                throw .invalid("owner_id", code: "unknown", "is no user")
            }
            try Self.check(owner, mayHold: new.grants, with: authority)
            let secret = try newSecret()
            let key = newKey(secret, owner: id, name: new.name, grants: new.grants, now: now, new.expiresAt)
            let created = try await store(key, secret)
            try await audit.record(
                .apiKeyCreated,
                of: .apiKey(key.id),
                by: .initiator(initiator),
                at: now,
                key.auditDetails
            )
            return created
        }
    }

    /// Runs `body` in a transaction, with whose keys the initiator reaches and what the initiator holds, as of now: the
    /// token may be older than the last change.
    ///
    /// One's own keys need no exclusive transaction: a key is limited to its owner's rights whenever it is used, and
    /// nobody shall make administrators wait by making keys.
    func transaction<Value: Sendable>(
        by initiator: Initiator,
        _ body: @escaping @Sendable (APIKeyScope, Authority) async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        let steps: @Sendable () async throws(DomainError) -> Value = { [access] () async throws(DomainError) in
            let authority = try await access.authority(of: initiator)
            return try await body(try APIKeyScope(of: initiator, with: authority), authority)
        }
        return switch try APIKeyScope(of: initiator) {
        case .own: try await transactions.run(steps)
        case .everyone: try await transactions.runExclusively(steps)
        }
    }

    /// The owner is active and holds the grants, and the initiator has power over such a key.
    static func check(
        _ owner: UserProfile,
        mayHold grants: Grants,
        with authority: Authority
    ) throws(DomainError) {
        guard owner.user.isActive else {
            throw DomainError(.forbidden, "A user who is not active cannot have API keys.")
        }
        guard grants.limited(to: owner.grants) == grants else {
            throw DomainError(.grantExceedsOwn, "A key cannot hold roles or permissions that its owner does not hold.")
        }
        try authority.requireCovers(grants, of: owner)
    }

    static func checkExpiry(_ expiresAt: Timestamp?, now: Timestamp) throws(DomainError) {
        guard let expiresAt, expiresAt <= now else { return }
        throw .invalid("expires_at", code: "in_past", "must be in the future")
    }

    func newSecret() throws(DomainError) -> APIKeySecret {
        do throws(CryptoError) {
            return try format.generate()
        } catch {
            throw DomainError(wrapping: error)
        }
    }

    func newKey(
        _ secret: APIKeySecret,
        owner: Identifier<User>,
        name: String,
        grants: Grants,
        now: Timestamp,
        _ expiresAt: Timestamp?
    ) -> APIKey {
        APIKey(
            id: .make(at: now),
            ownerID: owner,
            name: name,
            prefix: format.prefix,
            lastFour: secret.lastFour,
            grants: grants,
            createdAt: now,
            expiresAt: expiresAt,
            lastUsedAt: nil,
            useCount: 0
        )
    }

    func store(_ key: APIKey, _ secret: APIKeySecret) async throws(DomainError) -> Created {
        let hash: [UInt8]
        do throws(CryptoError) {
            hash = try hasher.hash(secret)
        } catch {
            throw DomainError(wrapping: error)
        }
        try await apiKeys.create(key, secretHash: hash)
        return Created(key: key, secret: secret.text)
    }
}
