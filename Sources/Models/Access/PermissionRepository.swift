// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where permissions live.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol PermissionRepository: Sendable {
    /// Stores `permission`.
    ///
    /// - Throws: ``ErrorCode/conflict`` when there is one of this name.
    func create(_ permission: Permission) async throws(DomainError)

    /// The permission, or nil.
    func find(_ id: Identifier<Permission>) async throws(DomainError) -> Permission?

    /// Permissions, newest first, at most `limit`, after the permission `after`; only those of `role` when it is given.
    func list(
        of role: Identifier<Role>?,
        after: Identifier<Permission>?,
        limit: Int
    ) async throws(DomainError) -> [Permission]

    /// Removes the permission; false when there is none.
    ///
    /// - Throws: ``ErrorCode/conflict`` when a role gives it.
    func delete(_ id: Identifier<Permission>) async throws(DomainError) -> Bool

    /// How many roles give the permission, and how many live API keys were given it directly.
    func use(of id: Identifier<Permission>, at instant: Timestamp) async throws(DomainError) -> AccessUse
}
