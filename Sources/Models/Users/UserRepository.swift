// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where users live.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol UserRepository: Sendable {
    /// The user with roles and permissions, from one statement; nil when there is none.
    func profile(of id: Identifier<User>) async throws(DomainError) -> UserProfile?

    /// The user who signs in with this identity at this issuer; nil when nobody does yet.
    func user(issuer: String, subject: String) async throws(DomainError) -> User?

    /// The user with this address, with roles and permissions; nil when there is none.
    func profile(email: EmailAddress) async throws(DomainError) -> UserProfile?

    /// As ``profile(of:)``, for a change: until the transaction ends nobody else changes or removes the user.
    func lockedProfile(of id: Identifier<User>) async throws(DomainError) -> UserProfile?

    /// Users that `filter` lets pass, at most `limit`, after the place `after`.
    ///
    /// - Throws: ``ErrorCode/validationFailed`` when `after` is no place in such a list.
    func list(
        _ filter: UserFilter,
        after: UserListItem.Place?,
        limit: Int
    ) async throws(DomainError) -> [UserListItem]

    /// Creates `user` with the roles of these names, links `identity` to it and records `event`, all or nothing.
    ///
    /// - Returns: The user as stored, with roles and permissions; nil when `holder` is not active or does not hold the
    ///   permission.
    /// - Throws: ``ErrorCode/conflict`` when the e-mail address or the identity belongs to somebody already,
    ///   ``ErrorCode/validationFailed`` naming `roles` when one of them does not exist.
    func create(
        _ user: User,
        roles: Set<String>,
        linkedTo identity: ExternalIdentity?,
        for holder: PermissionHolder?,
        recording event: AuditEvent
    ) async throws(DomainError) -> UserProfile?

    /// Writes all fields of `user` but its id and `createdAt`; false when there is no such user.
    ///
    /// The sessions of a user who is not active end.
    ///
    /// - Throws: ``ErrorCode/conflict`` when the e-mail address belongs to somebody else.
    func change(_ user: User) async throws(DomainError) -> Bool

    /// Removes the user with all keys and sessions; false when there is none.
    func delete(_ id: Identifier<User>) async throws(DomainError) -> Bool

    /// Whether any active user has the role named `role`.
    func hasActiveUser(withRole role: String) async throws(DomainError) -> Bool
}

extension UserRepository {
    /// Creates `user` as ``create(_:roles:linkedTo:for:recording:)``, whoever wants it.
    @discardableResult
    package func create(
        _ user: User,
        roles: Set<String>,
        linkedTo identity: ExternalIdentity?,
        recording event: AuditEvent
    ) async throws(DomainError) -> UserProfile {
        guard
            let profile = try await create(user, roles: roles, linkedTo: identity, for: nil, recording: event)
        else {
            throw DomainError(.internal, "Something went wrong on our side.")
        }
        return profile
    }
}
