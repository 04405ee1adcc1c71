// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Refuses requests that are too many, before anything is looked up for them.
package struct RateLimits: Sendable {
    /// For how long it is known that an API key was good, and half of it the least.
    private static let goodAPIKey = RateLimit(count: 2, per: .seconds(1800))

    private let configuration: RateLimitConfiguration
    private let limiter: any RateLimiter

    /// - Parameters:
    ///   - configuration: The limits.
    ///   - limiter: Counts.
    package init(_ configuration: RateLimitConfiguration, limiter: any RateLimiter) {
        self.configuration = configuration
        self.limiter = limiter
    }

    /// Counts a request to `endpoint`, whoever calls.
    ///
    /// - Throws: ``ErrorCode/rateLimited``.
    func admit(_ call: Call, to endpoint: Endpoint) throws(DomainError) {
        guard endpoint.limit != .none else { return }
        try take(configuration.address, of: RateLimitKey(.address, address: call.clientAddress))
        switch endpoint.limit {
        case .attempts:
            try take(
                configuration.signIn,
                of: RateLimitKey(.signIn, address: call.clientAddress, operation: endpoint.operation)
            )
        case .failures:
            guard let limit = configuration.failed else { return }
            let key = Self.grant(call, endpoint)
            try require(limiter.peek(limit, of: key), key)
        case .none, .ordinary:
            break
        }
    }

    /// Counts that a request to `endpoint` was refused.
    ///
    /// - Throws: ``ErrorCode/rateLimited`` when there were too many: of those that run at once, too, no more than the
    ///   limit learn why.
    func countFailure(_ call: Call, of endpoint: Endpoint) throws(DomainError) {
        guard endpoint.limit == .failures else { return }
        try take(configuration.failed, of: Self.grant(call, endpoint))
    }

    /// Counts a request with an API key, before it is known to be one.
    ///
    /// A key that was good lately goes on where others have failed too often: an office or a gateway is one address, and
    /// one of many behind it must not lock out the rest.
    ///
    /// - Throws: ``ErrorCode/rateLimited``.
    func admit(apiKey: String, from address: IPAddress?) throws(DomainError) {
        let bytes = Array(apiKey.utf8)
        if let limit = configuration.failed {
            let key = RateLimitKey(.failedCredential, address: address)
            let decision = limiter.peek(limit, of: key)
            if !decision.isAllowed, !wasGood(bytes) { try require(decision, key) }
        }
        try take(configuration.credential, of: RateLimitKey(.apiKey, bytes))
    }

    /// Notes that an API key is good.
    func noteGood(apiKey: String) {
        guard configuration.failed != nil else { return }
        _ = limiter.take(Self.goodAPIKey, of: RateLimitKey(.goodAPIKey, Array(apiKey.utf8)))
    }

    /// Counts a request of a user with an access token.
    ///
    /// - Throws: ``ErrorCode/rateLimited``.
    func admit(user: Identifier<User>) throws(DomainError) {
        guard configuration.credential != nil else { return }
        try take(configuration.credential, of: RateLimitKey(.user, Array(user.description.utf8)))
    }

    /// Counts a credential that turned out not to be good.
    ///
    /// - Throws: ``ErrorCode/rateLimited`` when there were too many.
    func countFailedCredential(from address: IPAddress?) throws(DomainError) {
        try take(configuration.failed, of: RateLimitKey(.failedCredential, address: address))
    }

    private func wasGood(_ apiKey: [UInt8]) -> Bool {
        limiter.peek(Self.goodAPIKey, of: RateLimitKey(.goodAPIKey, apiKey)).remaining < Self.goodAPIKey.count
    }

    private static func grant(_ call: Call, _ endpoint: Endpoint) -> RateLimitKey {
        RateLimitKey(.failedGrant, address: call.clientAddress, operation: endpoint.operation)
    }

    private func take(_ limit: RateLimit?, of key: @autoclosure () -> RateLimitKey) throws(DomainError) {
        guard let limit else { return }
        let key = key()
        try require(limiter.take(limit, of: key), key)
    }

    private func require(_ decision: RateLimitDecision, _ key: RateLimitKey) throws(DomainError) {
        guard !decision.isAllowed else { return }
        throw RateLimitExceeded(kind: key.kind, decision: decision).error
    }
}
