// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What an initiator holds at this moment, and so what may be passed on, taken away, or changed of others.
///
/// The rule is the same at every door: nobody has power over what is more than their own. It compares permissions; a
/// role counts as the permissions that come with it, and the role `admin` as more than any list of them.
struct Authority: Sendable {
    /// Nil for one who may do everything: somebody with a shell.
    private let holder: (user: Identifier<User>, grants: Grants)?

    /// Everything.
    static let unlimited = Authority(holder: nil)

    private init(holder: (user: Identifier<User>, grants: Grants)?) {
        self.holder = holder
    }

    init(of user: Identifier<User>, grants: Grants) {
        self.init(holder: (user, grants))
    }

    /// Whether it holds `permission`.
    func holds(_ permission: String) -> Bool {
        holder.map { $0.grants.permissions.contains(permission) } ?? true
    }

    /// - Throws: ``ErrorCode/forbidden`` without `permission`.
    func require(_ permission: String) throws(DomainError) {
        guard holds(permission) else { throw .missing(permission) }
    }

    /// For giving and taking a role, and for changing what it gives.
    ///
    /// - Throws: ``ErrorCode/grantExceedsOwn`` when the role gives more than is held.
    func requireCovers(_ role: Role) throws(DomainError) {
        if role.grantsAllPermissions, !isAdministrator {
            throw DomainError(.grantExceedsOwn, "Only an administrator has power over the role \(role.name).")
        }
        try requireCovers(role.permissions)
    }

    /// - Throws: ``ErrorCode/grantExceedsOwn`` naming the first of `permissions` that is not held.
    func requireCovers(_ permissions: Set<String>) throws(DomainError) {
        guard let holder, !isAdministrator, let missing = permissions.subtracting(holder.grants.permissions).min()
        else {
            return
        }
        throw DomainError(.grantExceedsOwn, "The permission \(missing) goes beyond what you hold.")
    }

    /// For changing, ending or acting for a user.
    ///
    /// An API key that holds less than its owner has no power over its owner.
    ///
    /// - Throws: ``ErrorCode/forbidden`` when the user holds more.
    func requireCovers(_ user: UserProfile) throws(DomainError) {
        guard let holder, !isAdministrator else { return }
        guard
            !user.grants.roles.contains(BuiltIn.Role.admin),
            user.grants.permissions.isSubset(of: holder.grants.permissions)
        else {
            throw DomainError(.forbidden, "This user may do more than you.")
        }
    }

    /// For making, changing and ending keys of `owner` with `grants`, which the owner holds.
    ///
    /// Who gets at somebody else's key acts as that user. One's own are within one's power, but not within that of a key
    /// that was given less: it has the same owner, so the grants are compared by name.
    ///
    /// - Throws: ``ErrorCode/forbidden`` when another owner holds more, ``ErrorCode/grantExceedsOwn``.
    func requireCovers(_ grants: Grants, of owner: UserProfile) throws(DomainError) {
        guard let holder, holder.user == owner.user.id else { return try requireCovers(owner) }
        guard isAdministrator || grants.limited(to: holder.grants) == grants else {
            throw DomainError(.grantExceedsOwn, "The roles and permissions of the key go beyond what you hold.")
        }
    }

    private var isAdministrator: Bool {
        holder.map { $0.grants.roles.contains(BuiltIn.Role.admin) } ?? true
    }
}
