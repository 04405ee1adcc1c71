// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// Signing in with an identity provider.
struct SignInEndpoints {
    /// Where the provider sends the browser back to.
    static let callbackPath = "/api/v1/auth/{provider}/callback"

    private let signIn: SignInService

    init(_ signIn: SignInService) {
        self.signIn = signIn
    }

    var endpoints: [Endpoint] {
        [providers, login, callback]
    }

    private var providers: Endpoint {
        Endpoint(
            .get,
            "/api/v1/auth/providers",
            "The identity providers that are on.",
            takes: .nothing,
            gives: .ok(ProviderListResponse.self)
        ) { [signIn] _, _ in
            ProviderListResponse(
                signIn.providers.map {
                    ProviderListResponse.Provider(
                        name: $0.name,
                        displayName: $0.displayName,
                        loginURL: signIn.loginURL(of: $0)
                    )
                }
            )
        }
    }

    private var login: Endpoint {
        Endpoint(
            .get,
            "/api/v1/auth/{provider}/login",
            "Begins a sign-in or a link: sends the browser to the provider.",
            readsRaw: .query(LoginQuery.fields),
            givesRaw: SuccessDescription(status: .found, headers: [.location, .setCookie]),
            errors: [.invalidRedirect, .invalidState, .notFound, .upstream]
        ) { [signIn] call throws(DomainError) in
            let query = try LoginQuery.read(query: call.query)
            let provider = call.parameter("provider")
            let start =
                if let link = query.link {
                    try await signIn.begin(with: provider, link: link.exposed)
                } else {
                    try await signIn.begin(
                        with: provider,
                        redirectTo: query.redirectTo,
                        codeChallenge: query.codeChallenge,
                        appState: query.state
                    )
                }
            return Reply(
                status: .found,
                headers: [.location: start.location, .setCookie: start.cookie.header]
            )
        }.limited(by: .attempts)
    }

    private var callback: Endpoint {
        Endpoint(
            .get,
            Self.callbackPath,
            "Finishes a sign-in or a link: where the provider sends the browser back.",
            readsRaw: .rawQuery([
                Field("state", .omittable(.text(1...512)), "The state that the login gave.", default: nil),
                Field("code", .omittable(.text(1...4096)), "The provider's authorization code.", default: nil),
                Field(
                    "error",
                    .omittable(.text(1...512)),
                    "Why the provider refused (RFC 6749 section 4.1.2.1).",
                    default: nil
                ),
                Field("iss", .omittable(.text(1...512)), "The provider's issuer (RFC 9207).", default: nil),
            ]),
            givesRaw: SuccessDescription(
                status: .ok,
                contentType: .json,
                schema: TokenPairResponse.schema,
                headers: [.setCookie],
                redirectHeaders: [.setCookie]
            ),
            errors: [
                .invalidState, .malformed, .unauthenticated, .forbidden, .notFound, .accountLinkRequired, .upstream,
                .unavailable,
            ]
        ) { [signIn] call throws(DomainError) in
            // Providers add parameters of their own, so unknown ones are no error here.
            let state = call.queryValue("state")
            let cookieName = signIn.cookieName(forState: state ?? "")
            let end = try await signIn.complete(
                SignInCallback(
                    provider: call.parameter("provider"),
                    state: state,
                    code: call.queryValue("code"),
                    error: call.queryValue("error"),
                    issuer: call.queryValue("iss"),
                    cookie: call.cookie(cookieName),
                    userAgent: call.header(.userAgent),
                    address: call.clientAddress
                )
            )
            let cookie = LoginCookie.expiredHeader(name: cookieName, isSecure: signIn.isSecure)
            switch end {
            case .tokens(let pair):
                return Reply(TokenPairResponse(pair), for: .provider, headers: [.setCookie: cookie])
            case .redirect(let location, let user):
                var reply = Reply(status: .found, headers: [.location: location, .setCookie: cookie])
                reply.user = user
                return reply
            }
        }.limited(by: .attempts)
    }
}
