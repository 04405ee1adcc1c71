// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

/// Taking identities away, from oneself and from others.
@Suite struct IdentityUnlinkingTests {
    private let fixture: SignInFixture
    private let ada: User

    init() async throws {
        fixture = try await SignInFixture()
        ada = try fixture.installation.addUser("ada")
    }

    private var installation: Installation { fixture.installation }
    private var identities: IdentityAdministration { installation.identities }

    @discardableResult
    private func add(
        _ subject: String,
        to user: User,
        issuer: String = ScriptedIdentityProvider.issuer
    ) throws -> LinkedIdentity {
        installation.clock.advance(by: .milliseconds(1))
        let identity = ScriptedIdentityProvider.identity(issuer: issuer, subject: subject)
        return try installation.store.access { tables throws(DomainError) in
            tables.identities.link(identity, to: user.id, at: installation.clock.now())
        }
    }

    private func subjects(of user: User) -> Set<String> {
        Set(installation.store.tables.identities.of(user.id).map(\.subject))
    }

    @Test func list_showsTheUsersIdentities_newestFirst_pageByPage() async throws {
        let added = try ["1", "2", "3"].map { try add($0, to: ada) }
        try add("4", to: installation.addUser("bob"))
        let first = try await identities.list(of: ada.id, after: nil, limit: 2)
        #expect(first.items == [added[2], added[1]] && first.hasMore)
        let second = try await identities.list(of: ada.id, after: added[1].id, limit: 2)
        #expect(second.items == [added[0]] && !second.hasMore)
        let nobody = Identifier<User>.make(at: installation.clock.now())
        #expect(await failure { try await identities.list(of: nobody, after: nil, limit: 1) }?.code == .notFound)
    }

    @Test func unlinkOwn_leavesTheLastWayIn() async throws {
        let (first, second) = (try add("1", to: ada), try add("2", to: ada))
        let token = try installation.token(of: ada)
        try await identities.unlinkOwn(first.id, token)
        #expect(await failure { try await identities.unlinkOwn(second.id, token) }?.code == .conflict)
        #expect(subjects(of: ada) == ["2"])
        #expect(await failure { try await identities.unlinkOwn(first.id, token) }?.code == .notFound)
    }

    @Test func unlinkOwn_whenTheRestIsAtProvidersThatAreOff_isAConflict() async throws {
        let own = try add("1", to: ada)
        let off = try add("2", to: ada, issuer: "https://off.example.com")
        #expect(identities.provider(of: off) == nil)
        let token = try installation.token(of: ada)
        #expect(await failure { try await identities.unlinkOwn(own.id, token) }?.code == .conflict)
        try await identities.unlinkOwn(off.id, token)
        #expect(subjects(of: ada) == ["1"])
    }

    @Test func ofSomebodyElse_isNotFound() async throws {
        let bob = try installation.addUser("bob")
        let bobs = try add("1", to: bob)
        try add("2", to: bob)
        let token = try installation.token(of: ada)
        #expect(await failure { try await identities.findOwn(bobs.id, token) }?.code == .notFound)
        #expect(await failure { try await identities.unlinkOwn(bobs.id, token) }?.code == .notFound)
        #expect(await failure { try await identities.unlink(bobs.id, of: ada.id, by: .shell) }?.code == .notFound)
        #expect(subjects(of: bob) == ["1", "2"])
    }

    @Test func unlinkOwn_asAUserWhoIsNotActiveAnyMore_isRefused() async throws {
        let (first, _) = (try add("1", to: ada), try add("2", to: ada))
        let token = try installation.token(of: ada)
        try installation.deactivate(ada)
        #expect(await failure { try await identities.unlinkOwn(first.id, token) }?.code == .unauthenticated)
        #expect(subjects(of: ada) == ["1", "2"])
    }

    @Test func unlink_byAnAdministrator_takesTheLastOneAndEndsAllSessions() async throws {
        let only = try add("ada", to: ada)
        try await fixture.complete()
        let admin = try installation.addUser("admin", roles: [BuiltIn.Role.admin])
        try await identities.unlink(only.id, of: ada.id, by: .principal(installation.token(of: admin)))
        #expect(subjects(of: ada).isEmpty)
        #expect(installation.sessions.opened.count == 1 && installation.sessions.ended.count == 1)
    }

    @Test func unlink_ofOnesOwnLastOne_isAConflict_alsoForAnAdministrator() async throws {
        let admin = try installation.addUser("admin", roles: [BuiltIn.Role.admin])
        let only = try add("1", to: admin)
        let token = try installation.token(of: admin)
        let error = await failure { try await identities.unlink(only.id, of: admin.id, by: .principal(token)) }
        #expect(error?.code == .conflict)
        #expect(subjects(of: admin) == ["1"])
        try await identities.unlink(only.id, of: admin.id, by: .shell)
    }

    @Test func unlink_withoutPowerOverTheUser_isForbidden() async throws {
        installation.addRole("writer", [BuiltIn.Permission.usersWrite])
        let writer = try installation.addUser("writer", roles: ["writer"])
        let admin = try installation.addUser("admin", roles: [BuiltIn.Role.admin])
        let (admins, adas) = (try add("1", to: admin), try add("2", to: ada))
        for (identity, user, initiator) in [(admins, admin, writer), (adas, ada, ada)] {
            let token = try installation.token(of: initiator)
            let error = await failure { try await identities.unlink(identity.id, of: user.id, by: .principal(token)) }
            #expect(error?.code == .forbidden)
        }
        #expect(subjects(of: admin) == ["1"] && subjects(of: ada) == ["2"])
        try await identities.unlink(adas.id, of: ada.id, by: .principal(installation.token(of: writer)))
    }

    @Test func complete_withAnIdentityThatWasTaken_doesNotJoinByItsAddress_untilItIsVouchedForAnew() async throws {
        let stolen = try add("ada", to: ada)
        try await identities.unlink(stolen.id, of: ada.id, by: .shell)
        #expect(await failure { try await fixture.complete() }?.code == .accountLinkRequired)
        for isVerified in [false, true] {
            #expect(await failure { try await fixture.complete() }?.code == .accountLinkRequired)
            let change = UserChanges(isEmailVerified: .set(isVerified))
            _ = try await installation.userService.change(ada.id, change, by: .shell)
        }
        try await fixture.complete()
        #expect(subjects(of: ada) == ["ada"])
    }
}
