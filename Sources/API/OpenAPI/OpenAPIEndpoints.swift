// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Schemas

/// The description of the API, for anyone.
struct OpenAPIEndpoints {
    /// What is described, without the endpoint here.
    private let operations: [Endpoint]

    init(describing operations: [Endpoint]) {
        self.operations = operations
    }

    /// The OpenAPI document.
    var document: [UInt8] {
        OpenAPIDocument(operations + endpoints).json
    }

    var endpoints: [Endpoint] {
        let content = StaticContent(.json) { document }
        return [
            Endpoint(
                .get,
                "/openapi.json",
                "This document.",
                givesRaw: SuccessDescription(
                    status: .ok,
                    contentType: .json,
                    schema: ["type": "object"],
                    headers: [.eTag],
                    heedsIfNoneMatch: true
                )
            ) { call throws(DomainError) in
                try content.reply(to: call)
            }
        ]
    }
}
