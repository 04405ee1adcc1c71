// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import HTTPTypes
import Schemas
import Services

/// Signing in with a one-time link.
struct SignInLinkEndpoints {
    private static let path = "/api/v1/auth/link"
    private static let token = Field("token", .opaqueToken, "The secret that stands in the link.")

    private let links: SignInLinkService

    init(_ links: SignInLinkService) {
        self.links = links
    }

    var endpoints: [Endpoint] {
        [page, use]
    }

    /// Mail programs and chat servers fetch links to preview them, so opening the link must not use it up: the page
    /// has a button, and the button does.
    private var page: Endpoint {
        Endpoint(
            .get,
            Self.path,
            "The page that a one-time sign-in link opens.",
            readsRaw: .rawQuery([Self.token]),
            givesRaw: SuccessDescription(status: .ok, contentType: .html),
            errors: [.malformed]
        ) { call throws(DomainError) in
            guard let token = call.queryValue("token"), OpaqueToken.parse(token) != nil else {
                throw DomainError(.malformed, "The link is not complete.")
            }
            return Reply(
                status: .ok,
                contentType: .html,
                headers: [
                    .contentSecurityPolicy:
                        "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
                ],
                body: Array(Self.html(token: token).utf8)
            )
        }
    }

    private var use: Endpoint {
        Endpoint(
            .post,
            Self.path,
            "Uses a one-time sign-in link up: the token pair.",
            readsRaw: .rawForm([Self.token]),
            givesRaw: .tokens,
            errors: [.malformed, .unauthenticated, .forbidden, .unsupportedMediaType, .payloadTooLarge, .unavailable]
        ) { [links] call throws(DomainError) in
            let form = try await call.formBody()
            guard form.count == 1, form[0].name == "token" else {
                throw DomainError(.malformed, "The body must be token=…")
            }
            let pair = try await links.signIn(
                token: form[0].value,
                userAgent: call.header(.userAgent),
                address: call.clientAddress
            )
            return Reply(TokenPairResponse(pair), for: .signInLink)
        }.limited(by: .attempts)
    }

    /// A token may stand in it without escaping: it is base64url.
    private static func html(token: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Sign in to Postern</title>
        <h1>Sign in to Postern</h1>
        <p>This link works once.</p>
        <form method="post" action="link">
        <input type="hidden" name="token" value="\(token)">
        <button>Sign in</button>
        </form>
        </html>

        """
    }
}
