// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Outbound

import struct FoundationEssentials.Data

/// How we prove to a token endpoint who we are (OpenID Connect Core 1.0 section 9).
enum ClientAuthentication {
    /// `none`: a public client, which PKCE alone protects.
    case none
    /// `client_secret_basic`: the header of RFC 6749 section 2.3.1.
    case basic(Redacted<String>)
    /// `client_secret_post`: the secret in the form.
    case post(Redacted<String>)

    /// The first of the two ways with a secret that the provider takes.
    ///
    /// - Throws: ``ProviderError/clientAuthentication`` when it takes neither.
    init(secret: Redacted<String>?, supported: Set<String>) throws(ProviderError) {
        guard let secret else {
            self = .none
            return
        }
        if supported.contains("client_secret_basic") {
            self = .basic(secret)
        } else if supported.contains("client_secret_post") {
            self = .post(secret)
        } else {
            throw .clientAuthentication
        }
    }

    func headers(clientID: String) -> [OutboundRequest.Header] {
        guard case .basic(let secret) = self else { return [] }
        // Each part is form-encoded first, so that a colon in one cannot move the border between them.
        let credentials = "\(FormURLEncoded.encode(clientID)):\(FormURLEncoded.encode(secret.exposed))"
        let header = OutboundRequest.Header("Authorization", "Basic \(Data(credentials.utf8).base64EncodedString())")
        return header.map { [$0] } ?? []
    }

    func fields(clientID: String) -> [FormURLEncoded.Field] {
        switch self {
        case .none: [("client_id", clientID)]
        case .basic: []
        case .post(let secret): [("client_id", clientID), ("client_secret", secret.exposed)]
        }
    }
}
