// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where roles live, with the permissions that they give and the users who hold them.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol RoleRepository: Sendable {
    /// Stores `role` with its permissions, all or nothing.
    ///
    /// - Throws: ``ErrorCode/conflict`` when the name is taken, ``ErrorCode/validationFailed`` naming `permissions` when
    ///   one of them does not exist.
    func create(_ role: Role) async throws(DomainError)

    /// The role, or nil.
    func find(_ id: Identifier<Role>) async throws(DomainError) -> Role?

    /// The roles with these names, in no order; a name that no role has is passed over.
    func find(names: Set<String>) async throws(DomainError) -> [Role]

    /// Roles, newest first, at most `limit`, after the role `after`; only those that `user` holds when it is given.
    func list(
        heldBy user: Identifier<User>?,
        after: Identifier<Role>?,
        limit: Int
    ) async throws(DomainError) -> [Role]

    /// Writes name, description and `updatedAt` of `role`; false when there is no such role.
    ///
    /// - Throws: ``ErrorCode/conflict`` when the name is taken.
    func change(_ role: Role) async throws(DomainError) -> Bool

    /// Removes the role; false when there is none.
    ///
    /// - Throws: ``ErrorCode/conflict`` when a user holds it.
    func delete(_ id: Identifier<Role>) async throws(DomainError) -> Bool

    /// How many users and live API keys hold the role.
    func use(of id: Identifier<Role>, at instant: Timestamp) async throws(DomainError) -> AccessUse

    /// Adds a permission to a role and sets the role's `updatedAt`; nothing happens when it is there already.
    ///
    /// - Throws: ``ErrorCode/notFound`` when one of the two is gone.
    func attach(
        _ permission: Identifier<Permission>,
        to role: Identifier<Role>,
        at instant: Timestamp
    ) async throws(DomainError)

    /// Takes a permission from a role and sets the role's `updatedAt`; nothing happens when it is not there.
    func detach(
        _ permission: Identifier<Permission>,
        from role: Identifier<Role>,
        at instant: Timestamp
    ) async throws(DomainError)

    /// Gives a role to a user and sets the user's `updatedAt`; nothing happens when the user holds it already.
    ///
    /// - Throws: ``ErrorCode/notFound`` when one of the two is gone.
    func assign(_ role: Identifier<Role>, to user: Identifier<User>, at instant: Timestamp) async throws(DomainError)

    /// Takes a role from a user and sets the user's `updatedAt`; nothing happens when the user does not hold it.
    func unassign(
        _ role: Identifier<Role>,
        from user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError)
}
