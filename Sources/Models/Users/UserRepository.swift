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

    /// Creates `user` with the role named `role` and links `identity` to it, all or nothing.
    ///
    /// - Throws: ``ErrorCode/conflict`` when the e-mail address or the identity belongs to somebody already.
    func create(_ user: User, role: String, linkedTo identity: ExternalIdentity?) async throws(DomainError)

    /// Whether any active user has the role named `role`.
    func hasActiveUser(withRole role: String) async throws(DomainError) -> Bool
}
