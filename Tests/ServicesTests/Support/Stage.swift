// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

/// An installation with somebody who may change everything, as far as rights do not exceed Ada's own, and what there is
/// to change: a role, who holds it, and a key with it.
struct Stage {
    /// How what there is to change compares with what Ada holds.
    enum Level: CaseIterable {
        case within
        case beyond
        case administrator
    }

    let installation: Installation
    let level: Level
    /// Holds every built-in permission and `x:r`, by the role `staff`.
    let ada: User
    /// Holds ``role``.
    let grace: User
    /// Holds nothing.
    let bob: User
    let administrator: User
    /// Gives ``permission``; the role `admin` for administrators.
    let role: Role
    /// Gives ``permission``, and nobody holds it; the role `admin` for administrators.
    let spare: Role
    /// Gives nothing.
    let empty: Role
    /// `x:r`, which Ada holds, or `x:w`, which she does not.
    let permission: Permission
    /// Nobody's.
    let unused: Permission
    /// Grace's, with ``role``.
    let key: APIKey

    init(_ level: Level = .within) async throws {
        self.level = level
        installation = try Installation()
        installation.addRole("staff", Set(InMemoryStore.builtInPermissions).union(["x:r"]))
        permission = try installation.permission(level == .within ? "x:r" : "x:w")
        unused = try installation.permission("x:unused")
        let names: Set = [permission.name.description]
        empty = installation.addRole("empty")
        role = try level == .administrator ? installation.role("admin") : installation.addRole("ops", names)
        spare = try level == .administrator ? installation.role("admin") : installation.addRole("spare", names)
        ada = try installation.addUser("ada", roles: ["user", "staff"])
        grace = try installation.addUser("grace", roles: ["user", role.name])
        bob = try installation.addUser("bob")
        administrator = try installation.addUser("root", roles: ["admin"])
        key = try await installation.apiKeys.create(
            NewAPIKey(owner: grace.id, name: "deploy", grants: Grants(roles: [role.name])),
            by: .shell
        ).key
        installation.clock.advance(by: .seconds(1))
    }

    var staff: Role { get throws { try installation.role("staff") } }

    /// Ada with an access token.
    var token: Principal { get throws { try installation.token(of: ada) } }

    /// Ada by a key with all that she holds, but for what is taken away.
    func key(without missing: Set<String> = []) async throws -> Principal {
        let held = try installation.profile(of: ada).grants
        return try await installation.key(of: ada, Grants(permissions: held.permissions.subtracting(missing)))
    }

    /// What comes of going through `door`; nil for success.
    ///
    /// A failure must leave everything as it was.
    func outcome(
        of door: Door,
        by initiator: Initiator,
        isStale: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async -> ErrorCode? {
        let before = installation.store.tables
        let error = await failure { try await door.pass(on: self, by: initiator, isStale: isStale) }
        let isUnchanged = installation.store.tables == before
        #expect(isUnchanged == (error != nil), "\(door) \(String(describing: error))", sourceLocation: sourceLocation)
        return error?.code
    }
}
