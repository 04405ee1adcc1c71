// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography

/// What the address holds with which a signed-in user goes to a provider to link an identity, encrypted.
///
/// The browser that opens the address shows no access token, so the ticket says for whom it does; nothing is stored.
struct LinkTicket: Sendable {
    /// How long the address can be opened.
    static let lifetime = Duration.seconds(60)

    let provider: String
    let app: AppReturn
    let expiresAt: Timestamp

    /// The encrypted text for the address.
    func sealed(with encryption: AuthenticatedEncryption) throws(CryptoError) -> String {
        var json = JSONWriter()
        json.object { json in
            json.member("provider", provider)
            json.member("expires_at", expiresAt.microseconds)
            app.write(to: &json)
        }
        return try encryption.seal(json.bytes, associatedData: Self.associatedData)
    }

    /// Nil when `text` was not sealed here.
    init?(opening text: String, with encryption: AuthenticatedEncryption) {
        guard
            let bytes = try? encryption.open(text, associatedData: Self.associatedData),
            let json = try? JSONValue(parsing: bytes),
            let provider = json["provider"]?.string,
            let expiresAt = json["expires_at"]?.integer,
            let app = AppReturn(json), app.linkingUser != nil
        else { return nil }
        self.init(provider: provider, app: app, expiresAt: Timestamp(microseconds: expiresAt))
    }

    init(provider: String, app: AppReturn, expiresAt: Timestamp) {
        self.provider = provider
        self.app = app
        self.expiresAt = expiresAt
    }

    private static let associatedData = "link-ticket"
}
