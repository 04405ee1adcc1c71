// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Which pages of other origins may call the API and read its answers (the CORS protocol of https://fetch.spec.whatwg.org).
///
/// Those that a sign-in may return to, each by its exact origin; the documents below `/.well-known/` are for everyone.
/// Cookies are never taken from another origin's page.
struct CORSPolicy: Sendable {
    private static let anyone = "*"
    /// No `X-API-Key`: whoever opens a page can read what is in it.
    private static let preflightHeaders: HTTPFields = [
        .accessControlAllowMethods: "GET, HEAD, POST, PUT, PATCH, DELETE",
        .accessControlAllowHeaders:
            "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, traceparent, tracestate",
        .accessControlMaxAge: "7200",
    ]
    private static let exposedHeaders = [
        "ETag", "Idempotent-Replayed", "Location", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
        "Retry-After",
        "WWW-Authenticate", "X-Request-Id",
    ].joined(separator: ", ")

    private let origins: Set<String>

    /// - Parameter origins: As browsers write them: `https://app.example.com`.
    init(origins: Set<String>) {
        self.origins = origins
    }

    /// The answer to a preflight of a page that may call; nil for any other request.
    func preflight(_ request: Request) -> Reply? {
        guard
            request.method == .options, request.headers[.accessControlRequestMethod] != nil,
            let origin = request.headers[.origin], allowed(origin, request.path) != nil
        else { return nil }
        return Reply(status: .noContent, headers: Self.preflightHeaders)
    }

    /// Adds what lets the page of `origin` read the answer, whatever its status.
    func add(to header: inout HeaderLines, origin: String?, path: String) {
        let allowed = allowed(origin, path)
        // Also when this caller gets nothing: a cache must not give its answer to one who gets something.
        if allowed != Self.anyone, !origins.isEmpty { header.append(.vary, "Origin") }
        guard let allowed else { return }
        header.append(.accessControlAllowOrigin, allowed)
        header.append(.accessControlExposeHeaders, Self.exposedHeaders)
    }

    private func allowed(_ origin: String?, _ path: String) -> String? {
        if path.hasPrefix("/.well-known/") { return Self.anyone }
        // `null`, which any sandboxed page sends, is in no set.
        guard let origin, origins.contains(where: { $0.utf8.elementsEqual(origin.utf8) }) else { return nil }
        return origin
    }
}
