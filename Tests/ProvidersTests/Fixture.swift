// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Outbound
import Providers

/// A provider, the issuer behind it, and the time of both.
struct Fixture {
    let time = FakeTime()
    let issuer: FakeIssuer
    let provider: OIDCProvider

    static let callback = AuthorizationCallback(
        code: Redacted("code"),
        codeVerifier: Redacted("verifier"),
        nonce: "nonce",
        redirectURI: "https://id.example/callback"
    )

    init(secret: String? = "secret", clientID: String = "client") throws {
        let time = time
        issuer = try FakeIssuer(time: time)
        provider = try OIDCProvider(
            ProviderSettings(
                name: "corp",
                displayName: "Corp",
                issuer: FakeIssuer.issuer,
                clientID: clientID,
                clientSecret: secret.map { Redacted($0) },
                scopes: ["openid", "email", "profile"]
            ),
            transport: issuer,
            clock: time,
            now: { time.monotonic() }
        )
    }

    func identity(_ callback: AuthorizationCallback = Self.callback) async throws(DomainError) -> ExternalIdentity {
        try await provider.identity(for: callback)
    }

    /// How a sign-in ends: nil when it succeeds.
    func code(_ callback: AuthorizationCallback = Self.callback) async -> ErrorCode? {
        do throws(DomainError) {
            _ = try await identity(callback)
            return nil
        } catch {
            return error.code
        }
    }

    func authorizationURL() async throws(DomainError) -> String {
        try await provider.authorizationURL(
            for: AuthorizationRequest(
                state: "state",
                nonce: "nonce",
                codeChallenge: "challenge",
                redirectURI: "https://id.example/callback"
            )
        )
    }

    /// How the beginning of a sign-in ends: nil when it succeeds.
    func beginCode() async -> ErrorCode? {
        do throws(DomainError) {
            _ = try await authorizationURL()
            return nil
        } catch {
            return error.code
        }
    }
}
