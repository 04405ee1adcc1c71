// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What happens to keys that there are.
extension APIKeyService {
    /// Changes name, grants or expiry.
    ///
    /// - Throws: ``ErrorCode/notFound`` as ``find(_:by:)``, ``ErrorCode/staleVersion``, ``ErrorCode/validationFailed``
    ///   for an expiry that is past or of a key that has expired, ``ErrorCode/grantExceedsOwn`` and
    ///   ``ErrorCode/forbidden`` as ``create(_:by:)``.
    package func change(
        _ id: Identifier<APIKey>,
        _ changes: APIKeyChanges,
        by initiator: Initiator,
        if precondition: Precondition<APIKey> = .none
    ) async throws(DomainError) -> APIKey {
        let now = clock.now()
        return try await changing(id, by: initiator, if: precondition) {
            [apiKeys, audit] key, owner, authority throws(DomainError) in
            if case .set(let expiresAt) = changes.expiresAt {
                guard !key.isExpired(at: now) else {
                    throw .invalid("expires_at", code: "expired", "cannot change: the key has expired")
                }
                try Self.checkExpiry(expiresAt, now: now)
            }
            let changed = changes.applied(to: key)
            if changed.grants != key.grants {
                try Self.check(owner, mayHold: changed.grants, with: authority)
            }
            guard try await apiKeys.change(changed) else { throw .noSuchAPIKey }
            if let changes = changed.changes(since: key) {
                try await audit.record(.apiKeyChanged, of: .apiKey(id), by: .initiator(initiator), at: now, changes)
            }
            return changed
        }
    }

    /// Makes a key that takes another's place: same owner, name and grants; the other ends when `overlap` is over.
    ///
    /// What the owner has lost since stays behind: given back to the owner, it would come back into other hands.
    ///
    /// - Parameters:
    ///   - id: The key to replace.
    ///   - overlap: How long the other goes on working, at most ``APIKey/maximumOverlap``; never beyond its own expiry.
    ///   - expiresAt: When the new key ends; without it, it lives as long as the other was made to.
    ///   - initiator: Who wants it.
    ///   - precondition: What must hold of the other.
    /// - Returns: The new key with its secret.
    /// - Throws: ``ErrorCode/notFound`` as ``find(_:by:)``, ``ErrorCode/staleVersion``, ``ErrorCode/conflict`` when the
    ///   key has expired, ``ErrorCode/validationFailed`` for an expiry that is past, ``ErrorCode/forbidden`` and
    ///   ``ErrorCode/grantExceedsOwn`` as ``create(_:by:)``.
    package func rotate(
        _ id: Identifier<APIKey>,
        overlap: Duration,
        expiresAt: Change<Timestamp?> = .keep,
        by initiator: Initiator,
        if precondition: Precondition<APIKey> = .none
    ) async throws(DomainError) -> Created {
        let now = clock.now()
        if case .set(let expiresAt) = expiresAt { try Self.checkExpiry(expiresAt, now: now) }
        return try await changing(id, by: initiator, if: precondition) {
            [self] key, owner, authority throws(DomainError) in
            guard !key.isExpired(at: now) else {
                throw DomainError(.conflict, "The key has expired; make a new one.")
            }
            let grants = key.grants.limited(to: owner.grants)
            try Self.check(owner, mayHold: grants, with: authority)
            let secret = try newSecret()
            let sameLifetime = key.expiresAt.map { now + ($0 - key.createdAt) }
            let new = newKey(
                secret,
                owner: key.ownerID,
                name: key.name,
                grants: grants,
                now: now,
                expiresAt.applied(to: sameLifetime)
            )
            let created = try await store(new, secret)
            try await end(key, at: now + overlap, now: now)
            var details = new.auditDetails
            details["successor_id"] = .string(new.id.description)
            try await audit.record(.apiKeyRotated, of: .apiKey(id), by: .initiator(initiator), at: now, details)
            return created
        }
    }

    /// Ends a key for ever.
    ///
    /// - Throws: ``ErrorCode/notFound`` as ``find(_:by:)``, ``ErrorCode/staleVersion``, ``ErrorCode/forbidden`` and
    ///   ``ErrorCode/grantExceedsOwn`` when the key is not within the initiator's power.
    package func revoke(
        _ id: Identifier<APIKey>,
        by initiator: Initiator,
        if precondition: Precondition<APIKey> = .none
    ) async throws(DomainError) {
        let now = clock.now()
        try await changing(id, by: initiator, if: precondition) {
            [apiKeys, audit] key, _, _ throws(DomainError) in
            guard try await apiKeys.revoke(key.id, owner: key.ownerID, at: now) else { throw .noSuchAPIKey }
            try await audit.record(
                .apiKeyRevoked,
                of: .apiKey(id),
                by: .initiator(initiator),
                at: now,
                ["owner_id": .string(key.ownerID.description)]
            )
        }
    }

    private func end(_ key: APIKey, at instant: Timestamp, now: Timestamp) async throws(DomainError) {
        if instant <= now {
            _ = try await apiKeys.revoke(key.id, owner: key.ownerID, at: now)
        } else if key.expiresAt.map({ instant < $0 }) ?? true {
            _ = try await apiKeys.change(APIKeyChanges(expiresAt: .set(instant)).applied(to: key))
        }
    }

    /// Every change of a key passes here: it is within the initiator's power, and made before anybody else can make one.
    private func changing<Value: Sendable>(
        _ id: Identifier<APIKey>,
        by initiator: Initiator,
        if precondition: Precondition<APIKey>,
        _ body: @escaping @Sendable (APIKey, UserProfile, Authority) async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        try await transaction(by: initiator) { [apiKeys, users] scope, authority throws(DomainError) in
            guard
                let key = try await apiKeys.lockedFind(id, owner: scope.owner),
                let owner = try await users.profile(of: key.ownerID)
            else { throw .noSuchAPIKey }
            try precondition.check(key)
            try authority.requireCovers(key.grants.limited(to: owner.grants), of: owner)
            return try await body(key, owner, authority)
        }
    }
}
