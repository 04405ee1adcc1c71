// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Outbound
import Providers
import Synchronization

/// An OpenID Connect issuer in memory, at the other end of the provider's transport.
///
/// It answers as it should until a test changes a part of it.
final class FakeIssuer: HTTPTransport {
    typealias Answer = Result<OutboundResponse, OutboundError>

    struct State {
        var metadata: [String: JSONValue]
        var header: [String: JSONValue]
        var claims: [String: JSONValue]
        var tokens: [String: JSONValue] = ["token_type": .string("Bearer"), "access_token": .string("access")]
        var userInfo: [String: JSONValue] = [:]
        /// What the key set has.
        var keys: [ES256PrivateKey]
        /// What signs the ID token.
        var signingKey: ES256PrivateKey
        /// What stands instead of the right answer, by path.
        var answers: [String: Answer] = [:]
        var requests: [OutboundRequest] = []
    }

    static let issuer = "https://issuer.example/realm"
    private static let discovery = "/.well-known/openid-configuration"
    private let state: Mutex<State>

    init(time: FakeTime) throws {
        let key = try ES256PrivateKey.generate()
        let now = time.now().seconds
        state = Mutex(
            State(
                metadata: [
                    "issuer": .string(Self.issuer),
                    "authorization_endpoint": .string("\(Self.issuer)/authorize"),
                    "token_endpoint": .string("\(Self.issuer)/token"),
                    "userinfo_endpoint": .string("\(Self.issuer)/userinfo"),
                    "jwks_uri": .string("\(Self.issuer)/jwks"),
                    "response_types_supported": .array([.string("code")]),
                ],
                header: ["alg": .string("ES256"), "kid": .string(key.publicKey.kid)],
                claims: [
                    "iss": .string(Self.issuer), "sub": .string("subject-1"), "aud": .string("client"),
                    "exp": .integer(now + 300), "iat": .integer(now), "nonce": .string("nonce"),
                    "email": .string("ada@example.com"), "email_verified": .bool(true), "name": .string("Ada"),
                ],
                keys: [key],
                signingKey: key
            )
        )
    }

    func change(_ body: (inout State) throws -> Void) rethrows {
        try state.withLock { try body(&$0) }
    }

    /// Rotates to a key that no client has seen.
    func rotate() throws {
        let key = try ES256PrivateKey.generate()
        change { state in
            state.keys = [key]
            state.signingKey = key
            state.header["kid"] = .string(key.publicKey.kid)
        }
    }

    /// The requests to `path` below the issuer so far.
    func requests(to path: String) -> [OutboundRequest] {
        state.withLock { $0.requests.filter { $0.url.text == Self.issuer + path } }
    }

    var discoveryRequests: Int { requests(to: Self.discovery).count }

    func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        // Lets callers that run at the same time overlap.
        for _ in 0..<10 { await Task.yield() }
        return try state.withLock { state in
            state.requests.append(request)
            let path = String(request.url.text.dropFirst(Self.issuer.count))
            return state.answers[path] ?? Self.answer(to: path, state)
        }.get()
    }

    private static func answer(to path: String, _ state: State) -> Answer {
        switch path {
        case discovery: return json(.object(state.metadata))
        case "/jwks": return json(.object(["keys": .array(state.keys.map(jwk))]))
        case "/userinfo": return json(.object(state.userInfo))
        case "/token":
            guard let token = try? idToken(state) else { return .failure(OutboundError(.protocol)) }
            return json(.object(state.tokens.merging(["id_token": .string(token)]) { given, _ in given }))
        default: return json(.null, status: 404)
        }
    }

    static func json(_ value: JSONValue, status: Int = 200) -> Answer {
        var writer = JSONWriter()
        writer.value(value)
        return .success(
            OutboundResponse(status: status, headers: ["content-type": "application/json"], body: writer.bytes)
        )
    }

    private static func jwk(_ key: ES256PrivateKey) -> JSONValue {
        .object([
            "kty": .string("EC"), "crv": .string("P-256"), "use": .string("sig"), "alg": .string("ES256"),
            "kid": .string(key.publicKey.kid),
            "x": .string(Base64URL.encode(key.publicKey.x)), "y": .string(Base64URL.encode(key.publicKey.y)),
        ])
    }

    private static func idToken(_ state: State) throws -> String {
        func part(_ members: [String: JSONValue]) -> String {
            var writer = JSONWriter()
            writer.value(.object(members))
            return Base64URL.encode(writer.bytes)
        }
        let input = "\(part(state.header)).\(part(state.claims))"
        return try "\(input).\(Base64URL.encode(state.signingKey.sign(Array(input.utf8))))"
    }
}
