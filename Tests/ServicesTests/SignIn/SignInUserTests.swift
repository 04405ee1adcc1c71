// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Testing

/// Whom a sign-in is for.
@Suite struct SignInUserTests {
    private let fixture: SignInFixture

    init() async throws {
        fixture = try await SignInFixture()
    }

    private var installation: Installation { fixture.installation }
    private var provider: ScriptedIdentityProvider { fixture.provider }

    @Test(arguments: [true, false])
    func complete_theFirstTime_makesAUserWithoutPrivileges(isEmailVerified: Bool) async throws {
        provider.answer(ScriptedIdentityProvider.identity(email: "Ada@Example.com", isEmailVerified: isEmailVerified))
        try await fixture.complete()
        let profile = try #require(installation.users.all.first)
        #expect(profile.user.email.text == "ada@example.com")
        #expect(profile.user.isEmailVerified == isEmailVerified)
        #expect(profile.user.displayName == "Ada")
        #expect(profile.user.isActive)
        #expect(profile.grants == Grants(roles: ["user"]))
    }

    @Test func complete_theSecondTime_findsTheUserByIdentityWhateverTheAddress() async throws {
        try await fixture.complete()
        for email in ["new@example.com", nil] {
            provider.answer(ScriptedIdentityProvider.identity(email: email))
            try await fixture.complete()
        }
        #expect(installation.users.all.map(\.user.email.text) == ["ada@example.com"])
        #expect(Set(installation.sessions.opened.map(\.session.userID)).count == 1)
        #expect(installation.sessions.opened.count == 3)
    }

    @Test func complete_withAnAddressThatBothSidesVerified_joinsThatUser() async throws {
        let ada = try installation.addUser("ada")
        provider.answer(ScriptedIdentityProvider.identity(subject: "ada at work", email: "ADA@example.com"))
        try await fixture.complete()
        provider.answer(ScriptedIdentityProvider.identity(subject: "ada at work", email: "ada@elsewhere.example"))
        try await fixture.complete()
        #expect(installation.users.all.map(\.user) == [ada])
        #expect(installation.sessions.opened.map(\.session.userID) == [ada.id, ada.id])
    }

    /// Whoever can write any address at a provider must not get the account that has it here; and whoever made an account
    /// here with an address that is not theirs must not share it with the one who comes with the right to it.
    @Test(arguments: [(false, true), (true, false), (false, false)])
    func complete_withTheAddressOfAUser_whenOneSideDidNotVerifyIt_isRefused(there: Bool, here: Bool) async throws {
        let ada = try installation.addUser("ada", isEmailVerified: here)
        provider.answer(ScriptedIdentityProvider.identity(subject: "mallory", isEmailVerified: there))
        for _ in 1...2 {
            #expect(await failure { try await fixture.complete() }?.code == .accountLinkRequired)
        }
        #expect(installation.users.all.map(\.user) == [ada])
        #expect(installation.store.tables.identities.isEmpty)
        #expect(installation.sessions.opened.isEmpty)
    }

    @Test func complete_withTheVerifiedAddressOfAnInactiveUser_isRefused() async throws {
        try installation.addUser("ada", isActive: false)
        #expect(await failure { try await fixture.complete() }?.code == .accountLinkRequired)
        #expect(installation.store.tables.identities.isEmpty)
        #expect(installation.sessions.opened.isEmpty)
    }

    @Test func complete_whenTheHoldersAddressBecomesAnothers_isStillTheHolder() async throws {
        let victim = try installation.addUser("victim")
        try await fixture.complete()
        let holder = try #require(installation.users.all.first { $0.user.id != victim.id }).user
        provider.answer(ScriptedIdentityProvider.identity(email: "victim@example.com"))
        try await fixture.complete()
        #expect(installation.sessions.opened.map(\.session.userID) == [holder.id, holder.id])
    }

    @Test(arguments: [nil, "", "ada", "\u{E1}da@example.com", "ada@example.com@example.org"])
    func complete_withoutAUsableAddress_isForbidden(email: String?) async {
        provider.answer(ScriptedIdentityProvider.identity(email: email))
        #expect(await failure { try await fixture.complete() }?.code == .forbidden)
        #expect(installation.users.all.isEmpty)
    }

    @Test func complete_asAnInactiveUser_isForbidden() async throws {
        try await fixture.complete()
        try installation.deactivate(try #require(installation.users.all.first?.user))
        #expect(await failure { try await fixture.complete() }?.code == .forbidden)
        #expect(installation.sessions.opened.count == 1)
    }

    /// Another worker makes the user between the look-up and the creation.
    @Test func complete_whenTwoFirstSignInsRace_signsBothInAsOneUser() async throws {
        let faster = try installation.addUser("ada")
        try installation.remove(faster)
        installation.users.beforeNextCreate { [store = installation.store] in
            store.tables.users[faster.id] = faster
            store.tables.identities.link(ScriptedIdentityProvider.identity(), to: faster.id, at: faster.createdAt)
        }
        try await fixture.complete()
        #expect(installation.users.all.map(\.user.id) == [faster.id])
        #expect(installation.sessions.opened.map(\.session.userID) == [faster.id])
    }
}
