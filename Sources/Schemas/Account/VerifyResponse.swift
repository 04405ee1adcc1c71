// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Who is calling, and what the credential may do.
package struct VerifyResponse: ResponseSchema {
    package let principal: Principal

    package init(_ principal: Principal) {
        self.principal = principal
    }

    package static let properties: [Property<VerifyResponse>] = [
        .id("user_id") { $0.principal.userID },
        .text("credential", "`access_token` or `api_key`.") { $0.principal.credential.name },
        .texts("roles") { $0.principal.grants.roles },
        .texts("permissions") { $0.principal.grants.permissions },
    ]
}
