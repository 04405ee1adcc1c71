// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models

/// Why a request is one too many.
struct RateLimitExceeded: Error, CustomStringConvertible {
    let kind: RateLimitKey.Kind
    let decision: RateLimitDecision

    /// As callers see it.
    var error: DomainError {
        DomainError(.rateLimited, "There were too many requests; try again in \(retryAfter) s.", cause: self)
    }

    /// How long to wait, and what the limit is (draft-ietf-httpapi-ratelimit-headers-06).
    var headers: HTTPFields {
        [
            .retryAfter: "\(retryAfter)",
            .rateLimitLimit: "\(decision.limit)",
            .rateLimitRemaining: "\(decision.remaining)",
            .rateLimitReset: "\(Self.wholeSeconds(decision.resetAfter))",
        ]
    }

    var description: String { "limit of \(kind.rawValue): \(decision.limit)" }

    private var retryAfter: Int64 { max(1, Self.wholeSeconds(decision.retryAfter)) }

    /// Rounded up: who comes back then must not be too early.
    private static func wholeSeconds(_ duration: Duration) -> Int64 {
        let (seconds, rest) = duration.components
        return seconds + (rest > 0 ? 1 : 0)
    }
}
