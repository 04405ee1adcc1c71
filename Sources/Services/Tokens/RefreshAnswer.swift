// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// The pair that a refresh token was swapped for, as it is kept for a client that lost the answer.
///
/// The key comes from the token itself, of which the database has but a hash: whoever reads the database, even with
/// `POSTERN_SECRET`, cannot read the pair.
struct RefreshAnswer: Sendable {
    private static let purpose = Array("postern/v1/refresh-answer".utf8)

    private let token: OpaqueToken

    init(to token: OpaqueToken) {
        self.token = token
    }

    func seal(_ pair: TokenPair) throws(DomainError) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("access_token", pair.accessToken.exposed)
            json.member("expires_in", pair.accessTokenLifetime.components.seconds)
            json.member("refresh_token", pair.refreshToken.exposed)
            json.member("refresh_expires_in", pair.refreshTokenLifetime.components.seconds)
        }
        do {
            return try AESGCM.seal(json.bytes, key: try key, associatedData: Self.purpose)
        } catch {
            throw DomainError(wrapping: error)
        }
    }

    /// The pair that was sealed, of a session of `user`.
    func open(_ sealed: [UInt8], for user: Identifier<User>) throws(DomainError) -> TokenPair {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: try AESGCM.open(sealed, key: try key, associatedData: Self.purpose))
        } catch {
            throw DomainError(wrapping: error)
        }
        guard
            let accessToken = json["access_token"]?.string,
            let accessTokenLifetime = json["expires_in"]?.integer,
            let refreshToken = json["refresh_token"]?.string,
            let refreshTokenLifetime = json["refresh_expires_in"]?.integer
        else { throw DomainError(.internal, "Something went wrong on our side.") }
        return TokenPair(
            userID: user,
            accessToken: Redacted(accessToken),
            accessTokenLifetime: .seconds(accessTokenLifetime),
            refreshToken: Redacted(refreshToken),
            refreshTokenLifetime: .seconds(refreshTokenLifetime)
        )
    }

    private var key: [UInt8] {
        get throws(CryptoError) {
            try HKDFSHA256.derive(
                from: Array(token.text.exposed.utf8),
                info: Self.purpose,
                count: AESGCM.keySize
            )
        }
    }
}
