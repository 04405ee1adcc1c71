// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import NIOHTTP1

/// What `WWW-Authenticate` says of a refusal (RFC 6750 section 3).
enum BearerChallenge {
    private static let scheme = "Bearer realm=\"postern\""

    /// The field for `error`, the answer to a request with `headers`; nil when it has none.
    ///
    /// Only who showed a token is told what is wrong with it: to a request without one, and to one with an API key, the
    /// challenge says no more than how to authenticate.
    static func text(for error: DomainError, _ headers: HTTPHeaders) -> String? {
        let credentials = headers[values: .authorization].count + headers[values: .apiKey].count
        let hasToken = headers[.authorization].map { $0.lowercased().hasPrefix("bearer ") } ?? false
        switch error.code {
        case .unauthenticated: return hasToken ? text("invalid_token", error) : scheme
        case .forbidden, .grantExceedsOwn: return hasToken ? text("insufficient_scope", error) : nil
        case .malformed where credentials > 1: return text("invalid_request", error)
        default: return nil
        }
    }

    private static func text(_ code: String, _ error: DomainError) -> String {
        // What RFC 6750 section 3 lets stand in a description.
        let description = error.detail.unicodeScalars.filter { (" "..."~").contains($0) && $0 != "\"" && $0 != "\\" }
        return "\(scheme), error=\"\(code)\", error_description=\"\(String(String.UnicodeScalarView(description)))\""
    }
}
