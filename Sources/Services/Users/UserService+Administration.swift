// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What administrators do to users.
extension UserService {
    /// Creates a user.
    ///
    /// - Throws: ``ErrorCode/conflict`` when the e-mail address is taken, ``ErrorCode/forbidden`` without `users:write`;
    ///   for roles that are named, also ``ErrorCode/forbidden`` without `roles:assign`, ``ErrorCode/grantExceedsOwn``, and
    ///   ``ErrorCode/validationFailed`` when one does not exist.
    package func create(_ new: NewUser, by initiator: Initiator) async throws(DomainError) -> UserProfile {
        let now = clock.now()
        let user = User(
            id: .make(at: now),
            email: new.email,
            isEmailVerified: new.isEmailVerified,
            displayName: new.displayName,
            isActive: new.isActive,
            createdAt: now,
            updatedAt: now
        )
        guard let names = new.roles else { return try await create(user, by: initiator) }
        return try await transactions.runExclusively { [self] () async throws(DomainError) in
            let authority = try await access.authority(of: initiator, for: BuiltIn.Permission.usersWrite)
            try await checkRoles(names, with: authority)
            return try await users.create(
                user,
                roles: names,
                linkedTo: nil,
                recording: .created(user, roles: names, by: .initiator(initiator))
            )
        }
    }

    /// Creates a user with what every first sign-in gives.
    ///
    /// That is nobody's to grant, so nothing has to be kept from changing meanwhile; and what is then left to do is one
    /// statement, which asks itself whether the initiator may.
    private func create(_ user: User, by initiator: Initiator) async throws(DomainError) -> UserProfile {
        let permission = BuiltIn.Permission.usersWrite
        let holder = try access.holder(of: permission, initiator)
        let roles: Set = [BuiltIn.Role.user]
        let event = AuditEvent.created(user, roles: roles, by: .initiator(initiator))
        let profile = try await users.create(user, roles: roles, linkedTo: nil, for: holder, recording: event)
        if let profile { return profile }
        // It says why not, unless the right has come back since.
        _ = try await access.authority(of: initiator, for: permission)
        throw DomainError(.unavailable, "Your permissions were changed meanwhile; try again.")
    }

    private func checkRoles(_ names: Set<String>, with authority: Authority) async throws(DomainError) {
        try authority.require(BuiltIn.Permission.rolesAssign)
        let named = try await roles.find(names: names)
        guard named.count == names.count else {
            throw .invalid("roles", code: "unknown", "names a role that does not exist")
        }
        for role in named { try authority.requireCovers(role) }
    }

    /// Changes a user.
    ///
    /// - Throws: ``ErrorCode/notFound``, ``ErrorCode/staleVersion``, ``ErrorCode/forbidden`` for a user who may do more
    ///   than the initiator, ``ErrorCode/conflict`` when the e-mail address is taken, ``ErrorCode/lastAdmin``.
    package func change(
        _ id: Identifier<User>,
        _ changes: UserChanges,
        by initiator: Initiator,
        if precondition: Precondition<UserProfile> = .none
    ) async throws(DomainError) -> UserProfile {
        let now = clock.now()
        return try await changing(id, by: initiator, for: BuiltIn.Permission.usersWrite, if: precondition) {
            [users, audit] profile, _ throws(DomainError) in
            let user = changes.applied(to: profile.user, at: now)
            guard try await users.change(user) else { throw .noSuchUser }
            if let changes = user.changes(since: profile.user) {
                try await audit.record(.userChanged, of: .user(id), by: .initiator(initiator), at: now, changes)
            }
            return UserProfile(user: user, grants: profile.grants)
        }
    }

    /// Removes a user with all keys and sessions.
    ///
    /// - Throws: ``ErrorCode/notFound``, ``ErrorCode/staleVersion``, ``ErrorCode/forbidden`` for a user who may do more
    ///   than the initiator, ``ErrorCode/lastAdmin``.
    package func delete(
        _ id: Identifier<User>,
        by initiator: Initiator,
        if precondition: Precondition<UserProfile> = .none
    ) async throws(DomainError) {
        let now = clock.now()
        try await changing(id, by: initiator, for: BuiltIn.Permission.usersDelete, if: precondition) {
            [users, audit] _, _ throws(DomainError) in
            guard try await users.delete(id) else { throw .noSuchUser }
            try await audit.record(.userDeleted, of: .user(id), by: .initiator(initiator), at: now)
        }
    }

    /// Gives a role to a user; nothing happens when the user holds it already.
    ///
    /// - Throws: ``ErrorCode/notFound`` for user and role, ``ErrorCode/staleVersion``, ``ErrorCode/grantExceedsOwn``,
    ///   ``ErrorCode/forbidden`` for a user who may do more than the initiator.
    package func assign(
        _ role: Identifier<Role>,
        to id: Identifier<User>,
        by initiator: Initiator,
        if precondition: Precondition<UserProfile> = .none
    ) async throws(DomainError) {
        let now = clock.now()
        try await changing(id, by: initiator, for: BuiltIn.Permission.rolesAssign, if: precondition) {
            [roles, audit] profile, authority throws(DomainError) in
            guard let role = try await roles.find(role) else { throw .noSuchRole }
            try authority.requireCovers(role)
            guard !profile.grants.roles.contains(role.name) else { return }
            try await roles.assign(role.id, to: id, at: now)
            try await audit.record(.roleAssigned, of: .user(id), by: .initiator(initiator), at: now, role.auditDetails)
        }
    }

    /// Takes a role from a user; nothing happens when the user does not hold it.
    ///
    /// - Throws: as ``assign(_:to:by:if:)``, and ``ErrorCode/lastAdmin``.
    package func unassign(
        _ role: Identifier<Role>,
        from id: Identifier<User>,
        by initiator: Initiator,
        if precondition: Precondition<UserProfile> = .none
    ) async throws(DomainError) {
        let now = clock.now()
        try await changing(id, by: initiator, for: BuiltIn.Permission.rolesAssign, if: precondition) {
            [roles, audit] profile, authority throws(DomainError) in
            guard let role = try await roles.find(role) else { throw .noSuchRole }
            try authority.requireCovers(role)
            guard profile.grants.roles.contains(role.name) else { return }
            try await roles.unassign(role.id, from: id, at: now)
            try await audit.record(
                .roleUnassigned,
                of: .user(id),
                by: .initiator(initiator),
                at: now,
                role.auditDetails
            )
        }
    }

    /// Every change of another user passes here: it is within the initiator's power, made before anybody else can make
    /// one, and leaves an administrator.
    private func changing<Value: Sendable>(
        _ id: Identifier<User>,
        by initiator: Initiator,
        for permission: String,
        if precondition: Precondition<UserProfile>,
        _ body: @escaping @Sendable (UserProfile, Authority) async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        try await transactions.runExclusively { [users, access] () async throws(DomainError) in
            let authority = try await access.authority(of: initiator, for: permission)
            guard let profile = try await users.lockedProfile(of: id) else { throw .noSuchUser }
            try precondition.check(profile)
            try authority.requireCovers(profile)
            let value = try await body(profile, authority)
            try await access.requireAdministratorLeft(without: profile)
            return value
        }
    }
}
