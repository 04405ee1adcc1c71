// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a request to another service has no answer.
///
/// The description names the origin and never a path, a query, a header or a body, since those hold codes and secrets.
/// The debug description adds what libcurl says, which may name addresses of the network: it is for the log alone.
package struct OutboundError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Code: String, Sendable {
        case invalidURL = "the URL is not valid"
        case forbiddenScheme = "only https is allowed, and http on this host"
        case unavailable = "no transfer can be started now"
        case resolve = "the host name has no address"
        case connect = "no connection"
        case tls = "no trusted TLS connection"
        case timeout = "no complete answer in time"
        case tooLarge = "the answer is too large"
        case `protocol` = "the answer is not proper HTTP"
        case cancelled = "the request was cancelled"
    }

    package let code: Code
    /// Scheme, host and port that were asked; nil when the URL has none.
    package let origin: String?
    /// libcurl's own words; for the log alone.
    package let reason: String?

    package init(_ code: Code, origin: String? = nil, reason: String? = nil) {
        self.code = code
        self.origin = origin
        self.reason = reason
    }

    package var description: String {
        if let origin { "\(origin): \(code.rawValue)" } else { code.rawValue }
    }

    package var debugDescription: String {
        if let reason, !reason.isEmpty { "\(description) (\(reason))" } else { description }
    }
}
