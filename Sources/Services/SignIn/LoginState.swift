// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography

/// What the browser keeps in a cookie from the start of a sign-in to the provider's redirect, encrypted.
///
/// Nothing is stored on the server when a sign-in begins, so beginning a million of them costs nothing; what is stored
/// is that a state was used.
struct LoginState: Sendable {
    /// How long a sign-in may take.
    static let lifetime = Duration.seconds(600)

    let provider: String
    let state: String
    let nonce: String
    let codeVerifier: Redacted<String>
    let expiresAt: Timestamp
    /// Nil when the callback itself answers with the token pair.
    let app: AppReturn?

    /// The encrypted text for the cookie.
    func sealed(with encryption: AuthenticatedEncryption) throws(CryptoError) -> String {
        var json = JSONWriter()
        json.object { json in
            json.member("provider", provider)
            json.member("state", state)
            json.member("nonce", nonce)
            json.member("verifier", codeVerifier.exposed)
            json.member("expires_at", expiresAt.microseconds)
            app?.write(to: &json)
        }
        return try encryption.seal(json.bytes, associatedData: Self.associatedData)
    }

    /// Nil when `text` was not sealed here.
    init?(opening text: String, with encryption: AuthenticatedEncryption) {
        guard
            let bytes = try? encryption.open(text, associatedData: Self.associatedData),
            let json = try? JSONValue(parsing: bytes),
            let provider = json["provider"]?.string,
            let state = json["state"]?.string,
            let nonce = json["nonce"]?.string,
            let verifier = json["verifier"]?.string,
            let expiresAt = json["expires_at"]?.integer
        else { return nil }
        self.init(
            provider: provider,
            state: state,
            nonce: nonce,
            codeVerifier: Redacted(verifier),
            expiresAt: Timestamp(microseconds: expiresAt),
            app: AppReturn(json)
        )
    }

    init(
        provider: String,
        state: String,
        nonce: String,
        codeVerifier: Redacted<String>,
        expiresAt: Timestamp,
        app: AppReturn?
    ) {
        self.provider = provider
        self.state = state
        self.nonce = nonce
        self.codeVerifier = codeVerifier
        self.expiresAt = expiresAt
        self.app = app
    }

    private static let associatedData = "login-state"
}
