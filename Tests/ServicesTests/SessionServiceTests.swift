// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct SessionServiceTests {
    private let installation: Installation

    init() throws {
        installation = try Installation()
    }

    private func open(_ user: Identifier<User>, userAgent: String? = nil) async throws(DomainError) -> TokenPair {
        try await installation.sessionService.open(for: user, method: "corp", userAgent: userAgent, address: nil)
    }

    private func payload(of pair: TokenPair) throws -> JSONValue {
        let parts = pair.accessToken.exposed.split(separator: ".")
        try #require(parts.count == 3)
        return try JSONValue(parsing: try #require(Base64URL.decode(parts[1])))
    }

    @Test func open_forAUser_givesTokensOfOneStoredSession() async throws {
        installation.addRole("ops", ["x:w", "x:r"])
        let user = try installation.addUser(roles: ["user", "ops"])
        try await installation.signingKeys.load()
        let pair = try await open(user.id, userAgent: "Firefox")
        let now = installation.clock.now()

        let opened = try #require(installation.sessions.opened.first)
        #expect(installation.sessions.opened.count == 1)
        #expect(opened.session.userID == user.id)
        #expect(opened.session.method == "corp")
        #expect(opened.session.userAgent == "Firefox")
        #expect(opened.session.createdAt == now)
        #expect(opened.session.expiresAt == now + .seconds(90 * 86_400))

        let refreshToken = try #require(OpaqueToken.parse(pair.refreshToken.exposed))
        #expect(opened.refreshTokenHash == (try installation.refreshTokenHasher.hash(refreshToken)))
        let stored = installation.sessions.refreshTokens[opened.refreshTokenHash]
        #expect(stored?.expiresAt == now + .seconds(30 * 86_400))
        #expect(pair.accessTokenLifetime == .seconds(1800))
        #expect(pair.refreshTokenLifetime == .seconds(30 * 86_400))

        let claims = try payload(of: pair)
        #expect(claims["iss"] == "https://id.example.com")
        #expect(claims["aud"] == "https://id.example.com")
        #expect(claims["sub"] == .string(user.id.description))
        #expect(claims["sid"] == .string(opened.session.id.description))
        #expect(claims["iat"] == .integer(now.seconds))
        #expect(claims["exp"] == .integer(now.seconds + 1800))
        #expect(claims["roles"] == ["ops", "user"])
        #expect(claims["permissions"] == ["x:r", "x:w"])
    }

    @Test(arguments: ["ops", "admin"])
    func open_whenThePermissionsOutgrowAToken_leavesThemOut(role: String) async throws {
        installation.addRole("ops", Set((0..<1000).map { "thing\($0):read" }))
        let user = try installation.addUser(roles: [role])
        try await installation.signingKeys.load()
        let token = try await open(user.id).accessToken.exposed
        #expect(token.utf8.count < 1024)

        let principal = try await installation.authentication.principal(accessToken: token)
        #expect(principal.grants == (try installation.users.profile(of: user.id))?.grants)
        #expect(principal.grants.permissions.count >= 1000)
        try installation.deactivate(user)
        #expect(
            await failure { try await installation.authentication.principal(accessToken: token) }?.code
                == .unauthenticated
        )
    }

    @Test func open_twice_givesDifferentSessionsAndTokens() async throws {
        let user = try installation.addUser()
        try await installation.signingKeys.load()
        let (first, second) = (try await open(user.id), try await open(user.id))
        #expect(first.refreshToken.exposed != second.refreshToken.exposed)
        #expect(try payload(of: first)["sid"] != payload(of: second)["sid"])
        #expect(try payload(of: first)["jti"] != payload(of: second)["jti"])
        #expect(Set(installation.sessions.opened.map(\.refreshTokenHash)).count == 2)
    }

    @Test func open_whenTheUserIsGoneOrInactive_isForbiddenAndStoresNothing() async throws {
        let inactive = try installation.addUser(isActive: false)
        try await installation.signingKeys.load()
        for user in [inactive.id, .make(at: installation.clock.now())] {
            #expect(await failure { try await open(user) }?.code == .forbidden)
        }
        #expect(installation.sessions.opened.isEmpty)
    }

    @Test func open_whenTheUserBecomesInactiveMeanwhile_isForbidden() async throws {
        let user = try installation.addUser()
        try await installation.signingKeys.load()
        installation.sessions.refuseSessions()
        #expect(await failure { try await open(user.id) }?.code == .forbidden)
    }

    @Test func open_beforeTheKeysAreLoaded_isUnavailableAndStoresNothing() async throws {
        let user = try installation.addUser()
        #expect(await failure { try await open(user.id) }?.code == .unavailable)
        #expect(installation.sessions.opened.isEmpty)
    }

    @Test func open_whenTheDatabaseIsDown_isUnavailable() async throws {
        let user = try installation.addUser()
        try await installation.signingKeys.load()
        installation.sessions.outage.begin()
        #expect(await failure { try await open(user.id) }?.code == .unavailable)
    }

    /// One `Character` can be of any length; the database counts code points.
    @Test(arguments: [String(repeating: "a", count: 300), "e" + String(repeating: "\u{301}", count: 300)])
    func open_whenTheUserAgentIsLong_storesItsBeginning(userAgent: String) async throws {
        let user = try installation.addUser()
        try await installation.signingKeys.load()
        _ = try await open(user.id, userAgent: userAgent)
        let stored = try #require(installation.sessions.opened.first?.session.userAgent)
        #expect(stored.unicodeScalars.count == 255)
        #expect(userAgent.unicodeScalars.starts(with: stored.unicodeScalars))
    }

    @Test func removeExpired_goesOnUntilNothingIsLeft_andKeepsWhatATokenMayNeed() async throws {
        let user = try installation.addUser()
        try await installation.signingKeys.load()
        for _ in 1...5 { _ = try await open(user.id) }
        let lifetime = Duration.seconds(90 * 86_400)

        installation.clock.advance(by: lifetime + TokenConfiguration.maximumAccessTokenTTL)
        try await installation.sessionService.removeExpired()
        #expect(installation.sessions.refreshTokens.isEmpty)
        #expect(installation.sessions.opened.count == 5)

        installation.clock.advance(by: .seconds(7201))
        try await installation.sessionService.removeExpired()
        #expect(installation.sessions.opened.isEmpty)
    }
}
