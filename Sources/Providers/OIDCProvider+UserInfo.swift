// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Outbound

extension OIDCProvider {
    /// What a provider tells about a person besides who it is.
    struct Profile {
        let email: String?
        let isEmailVerified: Bool
        let name: String?

        init(_ claims: IDTokenClaims) {
            email = claims.email
            isEmailVerified = claims.isEmailVerified
            name = claims.name
        }

        fileprivate init(_ json: JSONValue) {
            email = json["email"]?.string
            isEmailVerified = json["email_verified"] == .bool(true)
            name = json["name"]?.string
        }
    }

    /// Asks the userinfo endpoint (OpenID Connect Core 1.0 section 5.3), for issuers whose ID tokens have no e-mail
    /// address.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when the answer is about somebody else than `subject` (section 5.3.2: a
    ///   swapped access token).
    func userInfo(
        at endpoint: OutboundURL,
        accessToken: Redacted<String>?,
        subject: String
    ) async throws(DomainError) -> Profile {
        guard
            let accessToken, let header = OutboundRequest.Header("Authorization", "Bearer \(accessToken.exposed)")
        else { throw .upstream(ProviderError.member("access_token")) }
        let json = try await transport.json(.get(endpoint, headers: [.acceptJSON, header]))
        guard let found = json["sub"]?.string, found.utf8.elementsEqual(subject.utf8) else {
            throw .invalidIDToken(ProviderError.otherSubject)
        }
        return Profile(json)
    }
}
