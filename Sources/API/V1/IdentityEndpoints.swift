// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// One's own identities: seeing, linking and unlinking them.
struct IdentityEndpoints {
    private static let collection = "/api/v1/users/me/identities"
    private static let path = "\(collection)/{id}"
    /// Who adds a way to sign in gets everything that the user may do, which no key can give.
    private static let rule = AccessRule(.accessToken)

    private let signIn: SignInService
    private let identities: IdentityAdministration

    init(_ signIn: SignInService, _ identities: IdentityAdministration) {
        self.signIn = signIn
        self.identities = identities
    }

    var endpoints: [Endpoint] {
        [begin, list, link, show, unlink]
    }

    private var begin: Endpoint {
        Endpoint(
            .post,
            "/api/v1/auth/{provider}/link",
            "Begins to link an identity at a provider to oneself: the address for one's browser.",
            requires: Self.rule,
            takes: .body(LinkRequest.self),
            gives: .ok(LinkResponse.self),
            errors: [.invalidRedirect, .notFound]
        ) { [signIn] call, principal, input throws(DomainError) in
            LinkResponse(
                url: try signIn.linkURL(
                    with: call.parameter("provider"),
                    for: principal,
                    redirectTo: input.redirectTo,
                    codeChallenge: input.codeChallenge,
                    appState: input.state
                )
            )
        }
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "The identities with which one signs in, newest first.",
            requires: Self.rule,
            takes: .query(PageQuery.self),
            gives: .ok(Page<IdentityResponse>.self)
        ) { [identities] _, principal, query throws(DomainError) in
            try await identities.page(of: principal.userID, query)
        }
    }

    private var link: Endpoint {
        Endpoint(
            .post,
            Self.collection,
            "Links the identity that was proven to oneself; nothing happens when it is linked already.",
            requires: Self.rule,
            takes: .body(IdentityCreateRequest.self),
            gives: .created(IdentityResponse.self, in: Self.collection),
            errors: [.conflict]
        ) { [identities] _, principal, input throws(DomainError) in
            identities.response(
                try await identities.link(
                    input.code.exposed,
                    codeVerifier: input.codeVerifier.exposed,
                    principal
                )
            )
        }
    }

    private var show: Endpoint {
        Endpoint(
            .get,
            Self.path,
            "One of the identities with which one signs in.",
            requires: Self.rule,
            takes: .nothing,
            gives: .resource(IdentityResponse.self)
        ) { [identities] call, principal, _ throws(DomainError) in
            identities.response(try await identities.findOwn(call.id("id"), principal))
        }
    }

    private var unlink: Endpoint {
        Endpoint(
            .delete,
            Self.path,
            "Takes an identity away from oneself, but not the last way in; sessions go on.",
            requires: Self.rule,
            takes: .nothing,
            gives: .noContent,
            errors: [.conflict]
        ) { [identities] call, principal, _ throws(DomainError) in
            try await identities.unlinkOwn(call.id("id"), principal)
        }
    }
}

extension IdentityAdministration {
    /// How callers see `identity`.
    func response(_ identity: LinkedIdentity) -> IdentityResponse {
        IdentityResponse(identity, provider: provider(of: identity))
    }

    /// The page of the identities of `user` that `query` asks for.
    func page(of user: Identifier<User>, _ query: PageQuery) async throws(DomainError) -> Page<IdentityResponse> {
        Page(
            try await list(of: user, after: query.cursor?.id(), limit: query.limit),
            place: { Cursor(after: $0.id) },
            show: response
        )
    }
}
