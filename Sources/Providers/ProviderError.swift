// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What an identity provider did wrong; the cause behind a ``DomainError``, for the log.
enum ProviderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It answered with this status, and nothing that says why.
    case status(Int)
    /// The answer is not JSON by its own account.
    case mediaType
    /// A member of the answer is missing or not what it must be.
    case member(String)
    /// The discovery document is that of another issuer.
    case otherIssuer
    /// An error code of RFC 6749 section 5.2.
    case refusal(String)
    /// It wants the client to authenticate in a way that is not supported here.
    case clientAuthentication
    /// The answer of the userinfo endpoint is about somebody else.
    case otherSubject

    var description: String {
        switch self {
        case .status(let status): "unexpected status \(status)"
        case .mediaType: "the answer is not JSON"
        case .member(let name): "\(name) is missing or not allowed"
        case .otherIssuer: "the discovery document names another issuer"
        case .refusal(let code): "the token endpoint refused: \(code.filter { $0.isASCII && !$0.isNewline }.prefix(64))"
        case .clientAuthentication: "no supported client authentication"
        case .otherSubject: "userinfo is about another subject than the ID token"
        }
    }
}

extension DomainError {
    /// The provider did not answer, or not as it must.
    static func upstream(_ cause: any Error) -> DomainError {
        DomainError(.upstream, "The identity provider did not answer as it must.", cause: cause)
    }
}
