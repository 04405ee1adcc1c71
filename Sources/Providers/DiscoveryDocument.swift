// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Outbound

/// What an issuer says about itself (OpenID Connect Discovery 1.0 section 3), as far as signing in needs it.
struct DiscoveryDocument: Sendable {
    let authorizationEndpoint: OutboundURL
    let tokenEndpoint: OutboundURL
    /// Nil when the issuer has none.
    let userInfoEndpoint: OutboundURL?
    let keySetURL: OutboundURL
    /// The values of `token_endpoint_auth_methods_supported`, or their default.
    let clientAuthenticationMethods: Set<String>
    /// Whether every callback carries `iss` (RFC 9207 section 3).
    let sendsIssuer: Bool

    /// Where the document of `issuer` is (section 4).
    static func url(of issuer: String) throws(OutboundError) -> OutboundURL {
        let url = try OutboundURL(issuer)
        guard !url.hasQuery else { throw OutboundError(.invalidURL, origin: url.origin) }
        return try OutboundURL(
            (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
        )
    }

    /// Reads the document that came from ``url(of:)``.
    ///
    /// - Throws: ``ProviderError`` when it is another issuer's, or lacks what signing in needs, or names an endpoint that
    ///   we may not call.
    init(parsing json: JSONValue, issuer: String) throws(ProviderError) {
        // Section 4.3: exactly the same, or whoever answers at the one address could speak for another.
        guard let name = json["issuer"]?.string, name.utf8.elementsEqual(issuer.utf8) else { throw .otherIssuer }
        func endpoint(_ member: String) throws(ProviderError) -> OutboundURL {
            // An issuer elsewhere has no business with the services of this host, so its endpoints are https.
            guard
                let text = json[member]?.string, let url = try? OutboundURL(text),
                url.scheme == .https || issuer.hasPrefix("http:")
            else { throw .member(member) }
            return url
        }
        func texts(_ member: String) throws(ProviderError) -> Set<String>? {
            guard let value = json[member] else { return nil }
            guard let elements = value.array else { throw .member(member) }
            return Set(elements.compactMap(\.string))
        }
        authorizationEndpoint = try endpoint("authorization_endpoint")
        tokenEndpoint = try endpoint("token_endpoint")
        userInfoEndpoint = json["userinfo_endpoint"] == nil ? nil : try endpoint("userinfo_endpoint")
        keySetURL = try endpoint("jwks_uri")
        if let types = try texts("response_types_supported"), !types.contains("code") {
            throw .member("response_types_supported")
        }
        clientAuthenticationMethods = try texts("token_endpoint_auth_methods_supported") ?? ["client_secret_basic"]
        sendsIssuer = json["authorization_response_iss_parameter_supported"]?.bool == true
    }
}
