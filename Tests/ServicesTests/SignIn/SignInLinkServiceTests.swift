// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct SignInLinkServiceTests {
    private let installation: Installation
    private let user: User

    init() async throws {
        installation = try Installation()
        user = try installation.addUser()
        try await installation.signingKeys.load()
    }

    private func token() async throws -> String {
        let url = try await installation.links.create(for: user.id).exposed
        let start = "https://id.example.com/api/v1/auth/link?token="
        try #require(url.hasPrefix(start))
        return String(url.dropFirst(start.count))
    }

    private func signIn(_ token: String) async throws(DomainError) -> TokenPair {
        try await installation.links.signIn(token: token, userAgent: "Firefox", address: IPAddress("192.0.2.1"))
    }

    @Test func signIn_withALink_opensASessionOnce() async throws {
        let token = try await token()
        let pair = try await signIn(token)
        let session = try #require(installation.sessions.opened.first?.session)
        #expect(session.userID == user.id)
        #expect(session.method == "link")
        #expect(session.userAgent == "Firefox")
        #expect(session.address == "192.0.2.1")
        #expect(
            try await installation.authentication.principal(accessToken: pair.accessToken.exposed).userID == user.id
        )

        #expect(await failure { try await signIn(token) }?.code == .unauthenticated)
        #expect(installation.sessions.opened.count == 1)
    }

    @Test func create_storesAHashAndNotTheToken() async throws {
        let token = try await token()
        let hashes = installation.sessions.linkHashes
        #expect(hashes.count == 1)
        #expect(hashes.first?.count == 32)
        #expect(hashes.first != Base64URL.decode(token))
        #expect(hashes.first != (try SHA256.digest(Array(token.utf8))))
    }

    @Test func signIn_withALinkOfAnHour_isRefused() async throws {
        let (inTime, late) = (try await token(), try await token())
        installation.clock.advance(by: .seconds(3600) - .microseconds(1))
        _ = try await signIn(inTime)
        installation.clock.advance(by: .microseconds(1))
        #expect(await failure { try await signIn(late) }?.code == .unauthenticated)
    }

    @Test func signIn_withSomethingElse_isRefusedWithOneSentence() async throws {
        let token = try await token()
        let others = [
            "", "x", String(token.dropLast()), token + "A", token + "=", try OpaqueToken.generate().text.exposed,
            String(repeating: "a", count: 100_000),
        ]
        for other in others {
            let error = await failure { try await signIn(other) }
            #expect(error?.description == "unauthenticated: The link is not valid, was used before, or has expired.")
        }
        _ = try await signIn(token)
    }

    @Test func signIn_withARefreshToken_isRefused() async throws {
        let pair = try await signIn(token())
        #expect(await failure { try await signIn(pair.refreshToken.exposed) }?.code == .unauthenticated)
    }

    @Test func signIn_asAnInactiveUser_isForbidden() async throws {
        let token = try await token()
        try installation.deactivate(user)
        #expect(await failure { try await signIn(token) }?.code == .forbidden)
        #expect(installation.sessions.opened.isEmpty)
    }

    @Test func signIn_whereLinksAreOnlyMade_failsAndKeepsTheLink() async throws {
        let maker = SignInLinkService(
            sessions: installation.sessions,
            sessionService: nil,
            hasher: try OpaqueTokenHasher(key: installation.secret.key(for: .signInLinkHashing)),
            publicURL: installation.publicURL,
            clock: installation.clock
        )
        let token = try await token()
        #expect(await failure { try await maker.signIn(token: token, userAgent: nil, address: nil) }?.code == .internal)
        _ = try await signIn(token)
    }
}
