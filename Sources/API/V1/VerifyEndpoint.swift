// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas

/// For gateways, which ask before they let a request through to a service behind them (nginx `auth_request`, Traefik
/// `ForwardAuth`, Caddy `forward_auth`, Envoy `ext_authz`).
///
/// Nothing of the request that the gateway holds back is looked at but its credential: no address, no method and no
/// header decides, so none can be forged to get around a rule.
struct VerifyEndpoint {
    var endpoint: Endpoint {
        Endpoint(
            .get,
            "/api/v1/auth/verify",
            "Says to a gateway who is calling, if the caller holds what is asked for.",
            requires: AccessRule(.either),
            takes: .query(VerifyQuery.self),
            gives: .identity,
            errors: [.forbidden]
        ) { _, principal, query throws(DomainError) in
            try query.rule.check(principal)
            return VerifyResponse(principal)
        }
    }
}

extension Answer<VerifyResponse> {
    /// The longest list in a header field, in bytes: gateways take some kilobytes of headers.
    private static let maximumList = 2048

    /// 200 with the caller in the body, and in header fields for the service behind the gateway.
    ///
    /// Each of the fields is always there, be it empty, so that a gateway that copies them replaces what a caller may
    /// have sent under their names. Lists that do not fit are empty, and the body has them.
    static var identity: Answer {
        Answer(
            description: SuccessDescription(
                .ok,
                schema: VerifyResponse.schema,
                headers: [.userID, .credential, .roles, .permissions]
            )
        ) { response in
            let principal = response.principal
            return Reply(
                status: .ok,
                contentType: .json,
                headers: [
                    .userID: principal.userID.description,
                    .credential: principal.credential.name,
                    .roles: list(principal.grants.roles),
                    .permissions: list(principal.grants.permissions),
                ],
                body: response.json
            )
        }
    }

    private static func list(_ names: Set<String>) -> String {
        let list = names.sorted().joined(separator: ",")
        return list.utf8.count <= maximumList ? list : ""
    }
}
