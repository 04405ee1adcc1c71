// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// An error in the words of RFC 6749 section 5.2, which clients of other people's making read.
package struct OAuthErrorResponse: ResponseSchema {
    /// The codes of that section that we use.
    package enum Code: String, CaseIterable, Sendable {
        case invalidRequest = "invalid_request"
        case invalidGrant = "invalid_grant"
        case unsupportedGrantType = "unsupported_grant_type"
    }

    private let code: Code
    private let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package static let properties: [Property<OAuthErrorResponse>] = [
        .text("error", "`invalid_request`, `invalid_grant` or `unsupported_grant_type`.") { $0.code.rawValue },
        .text("error_description") { $0.detail },
    ]
}
