// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct CachingTokenVerifierTests {
    private let installation: Installation
    private let verifier: CachingTokenVerifier

    init() async throws {
        installation = try Installation()
        try await installation.signingKeys.load()
        verifier = CachingTokenVerifier(
            signingKeys: installation.signingKeys,
            issuer: installation.publicURL,
            clock: installation.clock
        )
    }

    private func token() async throws -> String {
        try await installation.sessionService.open(
            for: installation.addUser().id,
            method: "corp",
            userAgent: nil,
            address: nil
        )
        .accessToken.exposed
    }

    private func refusal(_ token: String) async -> DomainError? {
        await failure { try verifier.verify(token) }
    }

    @Test func verify_keepsATokenOnce_andSaysTheSameAgain() async throws {
        let token = try await token()
        let first = try verifier.verify(token)
        let second = try verifier.verify(token)
        #expect(verifier.count == 1)
        #expect(first === second)
        #expect(first.grants == Grants(roles: ["user"]))
    }

    @Test func verify_keepsNothingThatIsNoTokenOfOurs() async throws {
        let token = try await token()
        let foreign = try Installation()
        try await foreign.signingKeys.load()
        let foreignToken = try await foreign.sessionService.open(
            for: foreign.addUser().id,
            method: "corp",
            userAgent: nil,
            address: nil
        ).accessToken.exposed
        for other in ["", "a.b.c", String(token.dropLast()), token + "A", foreignToken] {
            #expect(await refusal(other)?.code == .unauthenticated)
            #expect(await refusal(other)?.code == .unauthenticated)
        }
        #expect(verifier.count == 0)
    }

    @Test func verify_ofAKeptToken_refusesItWhenItIsOver() async throws {
        let token = try await token()
        _ = try verifier.verify(token)
        installation.clock.advance(by: .seconds(1800 + 29))
        _ = try verifier.verify(token)
        installation.clock.advance(by: .seconds(1))
        #expect(await refusal(token)?.detail == "The access token has expired.")
    }

    @Test func verify_ofAKeptToken_refusesItWhenItsKeyIsNotOursAnyMore() async throws {
        let token = try await token()
        _ = try verifier.verify(token)
        _ = try await installation.signingKeys.replaceAll()
        try await installation.signingKeys.load()
        #expect(verifier.count == 1, "it is still kept")
        #expect(await refusal(token)?.detail == "The access token is not valid.")
    }

    @Test func verify_ofMoreTokensThanAreKept_forgetsTheOldestAndVerifiesThemAgain() async throws {
        let user = try installation.addUser()
        let signer = AccessTokenSigner(key: try installation.signingKeys.current().signingKey)
        let issuer = installation.publicURL.text
        let session = Identifier<Session>.make(at: installation.clock.now()).description
        func numbered(_ number: Int) throws -> String {
            try signer.sign(
                AccessTokenClaims(
                    issuer: issuer,
                    subject: user.id.description,
                    audience: issuer,
                    expiresAt: installation.clock.now() + .seconds(900),
                    issuedAt: installation.clock.now(),
                    tokenID: "\(number)",
                    sessionID: session,
                    roles: [],
                    permissions: []
                )
            )
        }
        for number in 0..<(CachingTokenVerifier.capacity + 10) {
            _ = try verifier.verify(numbered(number))
        }
        #expect(verifier.count <= CachingTokenVerifier.capacity)
        #expect(try verifier.verify(numbered(0)).userID == user.id)
    }
}
