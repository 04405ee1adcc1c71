// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

/// An installation with two providers, and browsers that sign in with them.
struct SignInFixture {
    let provider = ScriptedIdentityProvider()
    let otherProvider = ScriptedIdentityProvider(name: "other", issuer: "https://other.example.com")
    let installation: Installation

    init(redirectURLs: String = "") async throws {
        installation = try Installation(providers: [provider, otherProvider], redirectURLs: redirectURLs)
        try await installation.signingKeys.load()
    }

    var signIn: SignInService { installation.signIn }

    /// A browser that went to the first provider, and what it brings back.
    func begin() async throws -> Arrival {
        let start = try await signIn.begin(with: provider.name)
        let state = try #require(provider.requests.last?.state)
        return Arrival(provider: provider.name, state: state, cookie: start.cookie.value)
    }

    /// Finishes the sign-in of `arrival`, which no app began.
    @discardableResult
    func complete(_ arrival: Arrival) async throws(DomainError) -> TokenPair {
        guard case .tokens(let pair) = try await end(arrival) else { throw DomainError(.internal, "An app gets it.") }
        return pair
    }

    /// Finishes the sign-in of `arrival`.
    func end(_ arrival: Arrival) async throws(DomainError) -> SignInService.End {
        try await signIn.complete(
            SignInCallback(
                provider: arrival.provider,
                state: arrival.state,
                code: arrival.code,
                error: arrival.error,
                issuer: arrival.issuer,
                cookie: arrival.cookie,
                userAgent: arrival.userAgent,
                address: arrival.address
            )
        )
    }

    /// A whole sign-in with the first provider.
    func complete() async throws {
        try await complete(begin())
    }
}

/// What a browser brings back, to be changed by a test.
struct Arrival {
    var provider: String
    var state: String?
    var code: String? = "code"
    var error: String?
    var issuer: String?
    var cookie: String?
    var userAgent: String?
    var address: IPAddress?

    /// The same but for one part.
    func with<Value>(_ part: WritableKeyPath<Arrival, Value>, _ value: Value) -> Arrival {
        var arrival = self
        arrival[keyPath: part] = value
        return arrival
    }
}
