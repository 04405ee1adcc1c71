// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct RevokedTokenTests {
    private let installation: Installation

    init() async throws {
        installation = try Installation()
        try await installation.signingKeys.load()
        installation.addRole("ops", ["users:read"])
    }

    private func signedIn(_ user: User) async throws -> String {
        try await installation.sessionService.open(for: user.id, method: "corp", userAgent: nil, address: nil)
            .accessToken.exposed
    }

    private func principal(_ token: String) async throws -> Principal {
        try await installation.authentication.principal(accessToken: token)
    }

    private func session(of token: String) async throws -> Identifier<Session> {
        guard case .accessToken(let session) = try await principal(token).credential else {
            throw DomainError(.internal, "The test is wrong.")
        }
        return session
    }

    @Test func principal_whenTheSessionEnded_isRefused_andOtherSessionsGoOn() async throws {
        let user = try installation.addUser()
        let (token, other) = (try await signedIn(user), try await signedIn(user))
        installation.note(.session, try await session(of: token).uuid)
        let error = await failure { try await principal(token) }
        #expect(error?.code == .unauthenticated)
        #expect(try await principal(other).userID == user.id)
    }

    @Test func principal_whenARoleWasTaken_holdsWhatIsLeft() async throws {
        let user = try installation.addUser(roles: ["user", "ops"])
        let token = try await signedIn(user)
        try installation.setRoles(of: user, ["user"])
        #expect(try await principal(token).grants.permissions == ["users:read"], "not seen yet")
        installation.note(.user, user.id.uuid)
        #expect(try await principal(token).grants == Grants(roles: ["user"]))
    }

    @Test func principal_whenARoleGivesSomethingElse_holdsThat() async throws {
        let user = try installation.addUser(roles: ["user", "ops"])
        let token = try await signedIn(user)
        let role = try installation.role("ops")
        try installation.setPermissions(of: role, [])
        installation.note(.roles, role.id.uuid)
        #expect(try await principal(token).grants == Grants(roles: ["user", "ops"]))
    }

    @Test func principal_whenTheUserIsGoneOrNotActive_isRefused() async throws {
        let (ada, grace) = (try installation.addUser(), try installation.addUser("grace"))
        let tokens = [try await signedIn(ada), try await signedIn(grace)]
        try installation.deactivate(ada)
        try installation.remove(grace)
        installation.note(.user, grace.id.uuid)
        for token in tokens {
            #expect(await failure { try await principal(token) }?.code == .unauthenticated)
        }
    }

    @Test func principal_ofSomebodyElse_isNotLookedUp() async throws {
        let (ada, grace) = (try installation.addUser(), try installation.addUser("grace"))
        let token = try await signedIn(ada)
        installation.note(.user, grace.id.uuid)
        installation.users.outage.begin()
        #expect(try await principal(token).userID == ada.id)
    }

    @Test func principal_whenTheTokenIsYoungerThanTheChange_isNotLookedUp() async throws {
        let user = try installation.addUser(roles: ["user", "ops"])
        installation.note(.user, user.id.uuid)
        // The clock of the host that makes the token may be ahead.
        installation.clock.advance(by: RevocationList.leeway - .seconds(1))
        let early = try await signedIn(user)
        installation.clock.advance(by: .seconds(1))
        let late = try await signedIn(user)
        installation.users.outage.begin()
        #expect(await failure { try await principal(early) }?.code == .unavailable)
        #expect(try await principal(late).grants.permissions == ["users:read"])
    }

    @Test func principal_thatIsLookedUp_isKeptForSomeSeconds() async throws {
        let user = try installation.addUser()
        let token = try await signedIn(user)
        installation.clock.advance(by: .seconds(2))
        installation.note(.user, user.id.uuid)
        _ = try await principal(token)
        installation.users.outage.begin()
        installation.clock.advance(by: GrantsLookup.lifetime - .seconds(1))
        #expect(try await principal(token).grants == Grants(roles: ["user"]))
        installation.clock.advance(by: .seconds(1))
        #expect(await failure { try await principal(token) }?.code == .unavailable)
    }

    @Test func principal_thatIsKept_isLookedUpAgainAfterTheNextChange() async throws {
        let user = try installation.addUser(roles: ["user", "ops"])
        let token = try await signedIn(user)
        installation.clock.advance(by: .seconds(2))
        installation.note(.user, user.id.uuid)
        #expect(try await principal(token).grants.permissions == ["users:read"])
        try installation.setRoles(of: user, ["user"])
        #expect(try await principal(token).grants.permissions == ["users:read"], "not seen yet")
        installation.note(.user, user.id.uuid)
        #expect(try await principal(token).grants.permissions.isEmpty)
    }

    /// What a user was just given is not seen here yet, and an older token was looked up a moment ago.
    @Test func principal_whenTheTokenIsYoungerThanWhatIsKept_isLookedUpAgain() async throws {
        let user = try installation.addUser()
        let old = try await signedIn(user)
        installation.note(.user, user.id.uuid)
        installation.clock.advance(by: .seconds(2))
        #expect(try await principal(old).grants.permissions.isEmpty)
        try installation.setRoles(of: user, ["user", "ops"])
        #expect(try await principal(signedIn(user)).grants.permissions == ["users:read"])
    }

    @Test func principal_withAThousandPermissions_isLookedUpAndFollowsChanges() async throws {
        let many = Set((0..<1000).map { "thing\($0):read" })
        let role = installation.addRole("many", many)
        let user = try installation.addUser(roles: ["many"])
        let token = try await signedIn(user)
        installation.clock.advance(by: .seconds(2))
        #expect(try await principal(token).grants.permissions == many)
        installation.users.outage.begin()
        #expect(try await principal(token).grants.permissions == many, "without another look-up")
        installation.users.outage.end()
        try installation.setPermissions(of: role, ["thing1:read"])
        installation.note(.roles, role.id.uuid)
        #expect(try await principal(token).grants.permissions == ["thing1:read"])
    }
}
