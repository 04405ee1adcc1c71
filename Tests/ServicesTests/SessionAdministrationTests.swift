// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct SessionAdministrationTests {
    private let installation: Installation
    private let ada: User
    private let bob: User

    init() async throws {
        installation = try Installation()
        ada = try installation.addUser("ada")
        bob = try installation.addUser("bob")
        try await installation.signingKeys.load()
    }

    private func open(_ user: User) async throws -> (pair: TokenPair, principal: Principal) {
        installation.clock.advance(by: .milliseconds(1))
        let pair = try await installation.sessionService.open(
            for: user.id,
            method: "corp",
            userAgent: nil,
            address: nil
        )
        let token = pair.accessToken.exposed
        return (pair, try await installation.authentication.principal(accessToken: token))
    }

    private func id(_ principal: Principal) throws -> Identifier<Session> {
        guard case .accessToken(let session) = principal.credential else { throw NoSession() }
        return session
    }

    private func canRefresh(_ pair: TokenPair) async -> Bool {
        await failure {
            try await installation.sessionService.refresh(pair.refreshToken.exposed, userAgent: nil, address: nil)
        } == nil
    }

    private struct NoSession: Error {}

    @Test func list_showsTheUsersLiveSessions_newestFirst_pageByPage() async throws {
        var opened: [Identifier<Session>] = []
        for _ in 1...3 { opened.append(try id(try await open(ada).principal)) }
        _ = try await open(bob)
        let sessions = installation.sessionAdministration
        let first = try await sessions.list(of: ada.id, after: nil, limit: 2)
        #expect(first.items.map(\.id) == [opened[2], opened[1]] && first.hasMore)
        let second = try await sessions.list(of: ada.id, after: opened[1], limit: 2)
        #expect(second.items.map(\.id) == [opened[0]] && !second.hasMore)
        installation.clock.advance(by: .seconds(90 * 86_400))
        #expect(try await sessions.list(of: ada.id, after: nil, limit: 2).items.isEmpty)
    }

    @Test func list_ofAUserWhoIsNot_isNotFound() async throws {
        let nobody = Identifier<User>.make(at: installation.clock.now())
        let error = await failure {
            try await installation.sessionAdministration.list(of: nobody, after: nil, limit: 1)
        }
        #expect(error?.code == .notFound)
    }

    @Test func logOut_endsThisSessionAlone_andTwiceIsFine() async throws {
        let (this, other) = (try await open(ada), try await open(ada))
        try await installation.sessionAdministration.logOut(this.principal)
        try await installation.sessionAdministration.logOut(this.principal)
        #expect(await !canRefresh(this.pair))
        #expect(await canRefresh(other.pair))
    }

    @Test func endOwn_endsOneOfOnesOwn_andNobodyElses() async throws {
        let (this, other, bobs) = (try await open(ada), try await open(ada), try await open(bob))
        let sessions = installation.sessionAdministration
        try await sessions.endOwn(try id(other.principal), this.principal)
        #expect(await !canRefresh(other.pair))
        for id in [try id(other.principal), try id(bobs.principal)] {
            #expect(await failure { try await sessions.endOwn(id, this.principal) }?.code == .notFound)
        }
        #expect(await canRefresh(bobs.pair))
        try await sessions.endAllOwn(this.principal)
        #expect(await !canRefresh(this.pair))
        #expect(await canRefresh(bobs.pair))
    }

    @Test func end_needsPowerOverTheUser() async throws {
        installation.addRole("staff", ["users:write"])
        let staff = try installation.token(of: try installation.addUser("staff", roles: ["staff"]))
        let root = try installation.addUser("root", roles: ["admin"])
        let (adas, roots, bobs) = (try await open(ada), try await open(root), try await open(bob))
        let sessions = installation.sessionAdministration

        try await sessions.end(try id(adas.principal), of: ada.id, by: .principal(staff))
        #expect(await !canRefresh(adas.pair))
        let rootSession = try id(roots.principal)
        let errors = [
            await failure { try await sessions.end(rootSession, of: root.id, by: .principal(staff)) },
            await failure { try await sessions.endAll(of: root.id, by: .principal(staff)) },
            await failure { try await sessions.endAll(of: bob.id, by: .principal(adas.principal)) },
        ]
        #expect(errors.map(\.?.code) == [.forbidden, .forbidden, .forbidden])
        #expect(await failure { try await sessions.end(rootSession, of: bob.id, by: .shell) }?.code == .notFound)
        #expect(await canRefresh(roots.pair))
        try await sessions.endAll(of: bob.id, by: .principal(staff))
        #expect(await !canRefresh(bobs.pair))
    }

    @Test func deactivating_endsAllSessions_alsoForAfterwards() async throws {
        let pair = try await open(ada).pair
        for isActive in [false, true] {
            _ = try await installation.userService.change(
                ada.id,
                UserChanges(isActive: .set(isActive)),
                by: .shell
            )
        }
        #expect(await !canRefresh(pair))
    }
}
