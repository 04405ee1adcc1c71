// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct AccessTokenAuthenticationTests {
    private let installation: Installation

    init() throws {
        installation = try Installation()
    }

    private func signedIn(_ user: User) async throws -> String {
        try await installation.signingKeys.load()
        return try await installation.sessionService.open(for: user.id, method: "corp", userAgent: nil, address: nil)
            .accessToken
            .exposed
    }

    private func refusal(_ token: String, by authentication: AuthenticationService? = nil) async -> DomainError? {
        await failure { try await (authentication ?? installation.authentication).principal(accessToken: token) }
    }

    /// An authentication service with the keys of this installation but another address.
    private func elsewhere(_ url: String) throws -> AuthenticationService {
        AuthenticationService(
            signingKeys: installation.signingKeys,
            revocations: installation.revocations,
            users: installation.users,
            apiKeys: installation.apiKeyRepository,
            keyFormat: installation.format,
            keyHasher: installation.keyHasher,
            usage: installation.usage,
            issuer: try PublicURL(url),
            clock: installation.clock
        )
    }

    private func sign(_ claims: AccessTokenClaims) throws -> String {
        try AccessTokenSigner(key: installation.signingKeys.current().signingKey).sign(claims)
    }

    private func claims(
        subject: String,
        session: String = Identifier<Session>.make(at: Timestamp(seconds: 0)).description
    ) -> AccessTokenClaims {
        let now = installation.clock.now()
        return AccessTokenClaims(
            issuer: "https://id.example.com",
            subject: subject,
            audience: "https://id.example.com",
            expiresAt: now + .seconds(60),
            issuedAt: now,
            tokenID: "j",
            sessionID: session,
            roles: [],
            permissions: []
        )
    }

    @Test func principal_ofAToken_isItsUserSessionAndGrants() async throws {
        let grants = Grants(roles: ["ops"], permissions: ["users:read"])
        installation.addRole("ops", grants.permissions)
        let user = try installation.addUser(roles: grants.roles)
        let principal = try await installation.authentication.principal(accessToken: signedIn(user))
        #expect(principal.userID == user.id)
        #expect(
            principal.credential == .accessToken(session: try #require(installation.sessions.opened.first).session.id)
        )
        #expect(principal.grants == grants)
    }

    @Test func principal_ofATokenThatIsOver_isRefused() async throws {
        let token = try await signedIn(try installation.addUser())
        installation.clock.advance(by: .seconds(1800 + 29))
        #expect(await refusal(token) == nil)
        installation.clock.advance(by: .seconds(1))
        let error = await refusal(token)
        #expect(error?.code == .unauthenticated)
        #expect(error?.detail == "The access token has expired.")
    }

    @Test func principal_ofATokenForAnotherAddress_isRefused() async throws {
        let token = try await signedIn(try installation.addUser())
        for url in ["https://other.example.com", "https://id.example.com/id"] {
            let error = await refusal(token, by: try elsewhere(url))
            #expect(error?.code == .unauthenticated)
            #expect(error?.detail == "The access token is not valid.")
        }
        #expect(await refusal(token, by: try elsewhere("https://id.example.com")) == nil)
    }

    @Test func principal_ofATokenOfAnotherInstallation_isRefused() async throws {
        let token = try await signedIn(try installation.addUser())
        let stranger = try Installation()
        try await stranger.signingKeys.load()
        #expect(await refusal(token, by: stranger.authentication)?.detail == "The access token is not valid.")
    }

    @Test func principal_ofSomethingElse_isRefusedWithoutRepeatingIt() async throws {
        let token = try await signedIn(try installation.addUser())
        let others = [
            "", "hunter2", "a.b.c", "..", String(token.dropLast()), token + "A", token + " ", "." + token,
            String(repeating: "a", count: 100_000), "pst_hunter2",
        ]
        for other in others {
            let error = await refusal(other)
            #expect(error?.code == .unauthenticated)
            #expect(error?.detail == "The access token is not valid.")
        }
    }

    @Test func principal_whenSubjectOrSessionIsNoID_isRefused() async throws {
        try await installation.signingKeys.load()
        let id = Identifier<User>.make(at: installation.clock.now()).description
        #expect(await refusal(try sign(claims(subject: id))) == nil)
        #expect(await refusal(try sign(claims(subject: "ada")))?.code == .unauthenticated)
        #expect(await refusal(try sign(claims(subject: id, session: "s")))?.code == .unauthenticated)
    }

    @Test func principal_beforeTheKeysAreLoaded_isUnavailable() async {
        #expect(await refusal("a.b.c")?.code == .unavailable)
    }
}
