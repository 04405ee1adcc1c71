// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// The two rules that every change of who may do what passes: ``Authority``, and that an administrator is left.
///
/// Both read the database, so both belong into the exclusive transaction of the change.
struct AccessGuard: Sendable {
    private let users: any UserRepository

    init(users: any UserRepository) {
        self.users = users
    }

    /// What `initiator` holds now.
    ///
    /// Read from the database, because an access token may be older than the last change; an API key stays within
    /// its own grants.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when the initiator is gone or not active, ``ErrorCode/forbidden`` when
    ///   `permission` is not held any more.
    func authority(of initiator: Initiator, for permission: String? = nil) async throws(DomainError) -> Authority {
        guard case .principal(let principal) = initiator else { return .unlimited }
        guard let profile = try await users.profile(of: principal.userID), profile.user.isActive else {
            throw DomainError(.unauthenticated, "This user is not active any more.")
        }
        let grants =
            switch principal.credential {
            case .accessToken: profile.grants
            case .apiKey: principal.grants.limited(to: profile.grants)
            }
        let authority = Authority(of: principal.userID, grants: grants)
        if let permission { try authority.require(permission) }
        return authority
    }

    /// Who has to hold `permission` at the moment of a change that asks for it itself; nil for one who may do everything.
    ///
    /// - Throws: ``ErrorCode/forbidden`` for an API key without `permission`, whatever its owner holds.
    func holder(of permission: String, _ initiator: Initiator) throws(DomainError) -> PermissionHolder? {
        guard case .principal(let principal) = initiator else { return nil }
        if case .apiKey = principal.credential, !principal.grants.permissions.contains(permission) {
            throw .missing(permission)
        }
        return PermissionHolder(principal.userID, of: permission)
    }

    /// Lets a change of `user` stand, or not: asked after the change and before the commit.
    ///
    /// Whatever the way in which an administrator goes, somebody must be left who can undo it.
    ///
    /// - Parameter user: As the user was before the change.
    /// - Throws: ``ErrorCode/lastAdmin``.
    func requireAdministratorLeft(without user: UserProfile) async throws(DomainError) {
        guard user.user.isActive, user.grants.roles.contains(BuiltIn.Role.admin) else { return }
        guard try await users.hasActiveUser(withRole: BuiltIn.Role.admin) else {
            throw DomainError(.lastAdmin, "This is the last active administrator.")
        }
    }
}
