// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Repositories

extension PostgresUserRepository {
    /// Creates a user, with an event that no test looks at.
    @discardableResult
    func create(
        _ user: User,
        roles: Set<String>,
        linkedTo identity: ExternalIdentity?
    ) async throws(DomainError) -> UserProfile {
        let event = AuditEvent(.userCreated, of: .user(user.id), by: .system, at: user.createdAt)
        return try await create(user, roles: roles, linkedTo: identity, recording: event)
    }

    /// The same for somebody who must be allowed to.
    func create(
        _ user: User,
        roles: Set<String>,
        linkedTo identity: ExternalIdentity?,
        for holder: PermissionHolder?
    ) async throws(DomainError) -> UserProfile? {
        let event = AuditEvent(.userCreated, of: .user(user.id), by: .system, at: user.createdAt)
        return try await create(user, roles: roles, linkedTo: identity, for: holder, recording: event)
    }
}
