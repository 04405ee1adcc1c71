// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// What an app gets at the end of a link: that somebody proved to be `identity` for `user`, encrypted.
///
/// It links nothing by itself, since anybody can be lured into opening an address of somebody else's link: only the user
/// who began it can use it, with the verifier that only that user's app has.
struct LinkCode: Sendable {
    /// How long it can be used.
    static let lifetime = Duration.seconds(60)

    let user: Identifier<User>
    let identity: ExternalIdentity
    /// The S256 challenge of the app (RFC 7636 section 4.2).
    let codeChallenge: String
    let expiresAt: Timestamp

    /// The encrypted text for the app.
    func sealed(with encryption: AuthenticatedEncryption) throws(CryptoError) -> String {
        var json = JSONWriter()
        json.object { json in
            json.member("user", user.description)
            json.member("issuer", identity.issuer)
            json.member("subject", identity.subject)
            if let email = identity.email { json.member("email", email) }
            json.member("email_verified", identity.isEmailVerified)
            json.member("challenge", codeChallenge)
            json.member("expires_at", expiresAt.microseconds)
        }
        return try encryption.seal(json.bytes, associatedData: Self.associatedData)
    }

    /// Nil when `text` was not sealed here.
    init?(opening text: String, with encryption: AuthenticatedEncryption) {
        guard
            let bytes = try? encryption.open(text, associatedData: Self.associatedData),
            let json = try? JSONValue(parsing: bytes),
            let user = json["user"]?.string.flatMap({ Identifier<User>($0) }),
            let issuer = json["issuer"]?.string,
            let subject = json["subject"]?.string,
            let challenge = json["challenge"]?.string,
            let expiresAt = json["expires_at"]?.integer
        else { return nil }
        self.init(
            user: user,
            identity: ExternalIdentity(
                issuer: issuer,
                subject: subject,
                email: json["email"]?.string,
                isEmailVerified: json["email_verified"]?.bool ?? false,
                displayName: nil
            ),
            codeChallenge: challenge,
            expiresAt: Timestamp(microseconds: expiresAt)
        )
    }

    init(user: Identifier<User>, identity: ExternalIdentity, codeChallenge: String, expiresAt: Timestamp) {
        self.user = user
        self.identity = identity
        self.codeChallenge = codeChallenge
        self.expiresAt = expiresAt
    }

    private static let associatedData = "link-code"
}
