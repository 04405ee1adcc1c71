// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

extension HTTPField.Name {
    static let apiKey = named("X-API-Key")
    static let crossOriginOpenerPolicy = named("Cross-Origin-Opener-Policy")
    static let idempotencyKey = named("Idempotency-Key")
    static let idempotentReplayed = named("Idempotent-Replayed")
    static let credential = named("X-Postern-Credential")
    static let permissions = named("X-Postern-Permissions")
    static let rateLimitLimit = named("RateLimit-Limit")
    static let rateLimitRemaining = named("RateLimit-Remaining")
    static let rateLimitReset = named("RateLimit-Reset")
    static let roles = named("X-Postern-Roles")
    static let userID = named("X-Postern-User-Id")
    static let requestID = named("X-Request-Id")
    static let traceParent = named("traceparent")
    static let traceState = named("tracestate")
    static let xForwardedFor = named("X-Forwarded-For")
    static let referrerPolicy = named("Referrer-Policy")

    /// The initialiser can fail, for names that hold characters that HTTP forbids.
    ///
    /// None of the names above does; a test uses each of them.
    private static func named(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .trailer
    }
}
