// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// The token endpoint of RFC 6749 section 3.2, for apps.
struct TokenEndpoint {
    private static let grantType = Field("grant_type", .text(1...64), "`authorization_code` or `refresh_token`.")
    private static let code = Field(
        "code",
        .omittable(.text(1...512)),
        "The one-time code that the app got.",
        default: nil
    )
    private static let codeVerifier = Field(
        "code_verifier",
        .omittable(.text(43...128)),
        "What the app's challenge was made from (RFC 7636).",
        default: nil
    )
    private static let redirectURI = Field(
        "redirect_uri",
        .omittable(.text(1...1024)),
        "Where the app got the code: when it is there, it must be that.",
        default: nil
    )

    private static let refreshToken = Field(
        "refresh_token",
        .omittable(.text(1...512)),
        "The refresh token of the pair at hand.",
        default: nil
    )

    private let codes: AuthorizationCodeService
    private let sessions: SessionService

    init(_ codes: AuthorizationCodeService, _ sessions: SessionService) {
        self.codes = codes
        self.sessions = sessions
    }

    var endpoint: Endpoint {
        Endpoint(
            .post,
            "/api/v1/auth/token",
            "Swaps what an app was given for a token pair.",
            readsRaw: .rawForm([
                Self.grantType, Self.code, Self.codeVerifier, Self.redirectURI, Self.refreshToken,
            ]),
            givesRaw: .tokens,
            errors: [.malformed, .unsupportedMediaType, .payloadTooLarge, .unavailable],
            givesOAuthErrors: true
        ) { call throws(DomainError) in
            let form: OAuthForm
            switch OAuthForm.read(try await call.formBody()) {
            case .success(let read): form = read
            case .failure(let refusal): return refusal.reply
            }
            switch form[Self.grantType.name] {
            case "authorization_code"?: return try await redeem(form, call)
            case "refresh_token"?: return try await refresh(form, call)
            case nil: return OAuthRefusal(.invalidRequest, "grant_type is missing.").reply
            default: return OAuthRefusal(.unsupportedGrantType, "There is no such grant here.").reply
            }
        }.limited(by: .failures)
    }

    private func redeem(_ form: OAuthForm, _ call: Call) async throws(DomainError) -> Reply {
        guard let code = form[Self.code.name] else {
            return OAuthRefusal(.invalidRequest, "code is missing.").reply
        }
        return try await Self.reply(for: .authorizationCode) { () async throws(DomainError) in
            try await codes.redeem(
                code,
                codeVerifier: form[Self.codeVerifier.name] ?? "",
                redirectURI: form[Self.redirectURI.name],
                userAgent: call.header(.userAgent),
                address: call.clientAddress
            )
        }
    }

    private func refresh(_ form: OAuthForm, _ call: Call) async throws(DomainError) -> Reply {
        guard let token = form[Self.refreshToken.name] else {
            return OAuthRefusal(.invalidRequest, "refresh_token is missing.").reply
        }
        return try await Self.reply(for: .refreshToken) { () async throws(DomainError) in
            try await sessions.refresh(token, userAgent: call.header(.userAgent), address: call.clientAddress)
        }
    }

    /// A grant that is not good is told as RFC 6749 has it; what is our own fault stays a problem.
    private static func reply(
        for grant: TokenGrant,
        _ pair: () async throws(DomainError) -> TokenPair
    ) async throws(DomainError) -> Reply {
        do throws(DomainError) {
            return Reply(TokenPairResponse(try await pair()), for: grant)
        } catch {
            guard [.unauthenticated, .forbidden].contains(error.code) else { throw error }
            return OAuthRefusal(.invalidGrant, error.detail).reply
        }
    }
}
