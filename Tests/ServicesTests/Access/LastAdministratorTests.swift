// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

/// However an administrator goes, one is left.
@Suite struct LastAdministratorTests {
    /// How an administrator goes.
    enum Exit: CaseIterable {
        case deletion, deactivation, demotion

        func take(_ user: User, from installation: Installation, by initiator: Initiator) async throws {
            let users = installation.userService
            switch self {
            case .deletion: try await users.delete(user.id, by: initiator)
            case .deactivation:
                _ = try await users.change(user.id, UserChanges(isActive: .set(false)), by: initiator)
            case .demotion:
                try await users.unassign(try installation.role("admin").id, from: user.id, by: initiator)
            }
        }
    }

    private let installation: Installation
    private let root: User

    init() throws {
        installation = try Installation()
        root = try installation.addUser("root", roles: ["user", "admin"])
        try installation.addUser("inactive", isActive: false, roles: ["admin"])
        try installation.addUser("ada")
    }

    @Test(arguments: Exit.allCases)
    func last_staysWhoeverWantsItGone(exit: Exit) async throws {
        let before = installation.store.tables
        let token = Initiator.principal(try installation.token(of: root))
        #expect(await failure { try await exit.take(root, from: installation, by: token) }?.code == .lastAdmin)
        #expect(await failure { try await exit.take(root, from: installation, by: .shell) }?.code == .lastAdmin)
        #expect(installation.store.tables == before)

        let key = Initiator.principal(try await installation.key(of: root, Grants(roles: ["admin"])))
        #expect(await failure { try await exit.take(root, from: installation, by: key) }?.code == .lastAdmin)
        #expect(try installation.profile(of: root) == before.profile(root.id))
    }

    @Test(arguments: Exit.allCases)
    func oneOfTwo_mayGo_andThenTheOtherStays(exit: Exit) async throws {
        let second = try installation.addUser("second", roles: ["admin"])
        let token = Initiator.principal(try installation.token(of: root))
        try await exit.take(root, from: installation, by: token)
        #expect(installation.store.tables.profile(root.id)?.isActiveAdministrator != true)
        #expect(await failure { try await exit.take(second, from: installation, by: .shell) }?.code == .lastAdmin)
    }

    /// Each takes the other out; both see two administrators before.
    @Test(arguments: Exit.allCases, Exit.allCases)
    func twoAtOnce_leaveOne(first: Exit, second: Exit) async throws {
        let other = try installation.addUser("second", roles: ["admin"])
        let tokens = (try installation.token(of: root), try installation.token(of: other))
        async let one = failure { try await first.take(other, from: installation, by: .principal(tokens.0)) }
        async let two = failure { try await second.take(root, from: installation, by: .principal(tokens.1)) }
        let codes = await [one?.code, two?.code]
        #expect(codes.count { $0 == nil } == 1)
        #expect(installation.users.all.count(where: \.isActiveAdministrator) == 1)
    }

    /// The same from shells, whose initiators lose nothing: the guard alone decides.
    @Test(arguments: Exit.allCases, Exit.allCases)
    func twoAtOnce_fromShells_leaveOne(first: Exit, second: Exit) async throws {
        let other = try installation.addUser("second", roles: ["admin"])
        async let one = failure { try await first.take(other, from: installation, by: .shell) }
        async let two = failure { try await second.take(root, from: installation, by: .shell) }
        let codes = await [one?.code, two?.code]
        #expect(codes.contains(nil) && codes.contains(.lastAdmin))
        #expect(installation.users.all.count(where: \.isActiveAdministrator) == 1)
    }

    @Test func othersThanTheLast_mayAlwaysGo() async throws {
        for profile in installation.users.all where profile.user.id != root.id {
            try await installation.userService.delete(profile.user.id, by: .shell)
        }
        #expect(installation.users.all.map(\.user.id) == [root.id])
    }

    /// An installation that lost its administrators otherwise must not be stuck.
    @Test func withoutAny_othersCanStillBeChanged() async throws {
        try installation.remove(root)
        let ada = try #require(installation.users.all.first { $0.user.displayName == "ada" })
        try await installation.userService.assign(try installation.role("admin").id, to: ada.user.id, by: .shell)
        #expect(try installation.profile(of: ada.user).isActiveAdministrator)
    }
}

extension UserProfile {
    var isActiveAdministrator: Bool { user.isActive && grants.roles.contains(BuiltIn.Role.admin) }
}
