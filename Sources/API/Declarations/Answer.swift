// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Schemas

/// How an operation answers when all went well.
package struct Answer<Response: Sendable>: Sendable {
    let description: SuccessDescription
    let reply: @Sendable (Response) -> Reply
}

extension Answer where Response: ResponseSchema {
    /// 200 with a body.
    package static func ok(_: Response.Type = Response.self) -> Answer { json(.ok) }

    /// 201 with a body: something new exists.
    package static func created(_: Response.Type = Response.self) -> Answer { json(.created) }

    private static func json(_ status: HTTPResponse.Status) -> Answer {
        Answer(description: SuccessDescription(status: status, contentType: .json, schema: Response.schema)) {
            Reply(status: status, contentType: .json, body: $0.json)
        }
    }
}

extension Answer<Void> {
    /// 204 without a body.
    package static var noContent: Answer {
        Answer(description: SuccessDescription(status: .noContent)) { Reply(status: .noContent) }
    }
}

/// An ``Answer`` whatever its body's type.
package struct SuccessDescription: Sendable {
    package let status: HTTPResponse.Status
    package let contentType: ContentType?
    /// JSON Schema (2020-12) of the body.
    package let schema: JSONValue?

    package init(status: HTTPResponse.Status, contentType: ContentType? = nil, schema: JSONValue? = nil) {
        self.status = status
        self.contentType = contentType
        self.schema = schema
    }
}
