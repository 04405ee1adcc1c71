// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What the example endpoints say: which rule let the caller in, and who the caller is.
package struct ExampleResponse: ResponseSchema {
    private let message: String
    private let principal: Principal?

    package init(_ message: String, principal: Principal? = nil) {
        self.message = message
        self.principal = principal
    }

    package static let properties: [Property<ExampleResponse>] = [
        .text("message") { $0.message },
        .text("user_id", orNull: { $0.principal?.userID.description }),
        .text("credential", orNull: { $0.principal?.credential.name }),
    ]
}
