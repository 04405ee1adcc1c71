// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Schemas

/// How an operation answers when all went well.
package struct Answer<Response: Sendable>: Sendable {
    let description: SuccessDescription
    let reply: @Sendable (Response) throws(DomainError) -> Reply
}

extension Answer where Response: ResponseSchema {
    /// 200 with a body.
    package static func ok(_: Response.Type = Response.self) -> Answer { json(.ok) }

    private static func json(_ status: HTTPResponse.Status) -> Answer {
        Answer(description: SuccessDescription(status: status, contentType: .json, schema: Response.schema)) {
            Reply(status: status, contentType: .json, body: $0.json)
        }
    }
}

extension Answer<TokenPairResponse> {
    /// 200 with a token pair.
    static func tokens(for grant: TokenGrant) -> Answer {
        Answer(description: .tokens) { Reply($0, for: grant) }
    }
}

extension SuccessDescription {
    /// 200 with a token pair.
    static let tokens = SuccessDescription(status: .ok, contentType: .json, schema: TokenPairResponse.schema)
}

extension Reply {
    /// 200 with a token pair.
    init(_ tokens: TokenPairResponse, for grant: TokenGrant, headers: HTTPFields = [:]) {
        self.init(status: .ok, contentType: .json, headers: headers, body: tokens.json)
        self.grant = grant
        self.user = tokens.userID
    }
}

extension Answer where Response: ResourceSchema {
    /// 200 with one resource and its `ETag`.
    package static func resource(_: Response.Type = Response.self) -> Answer {
        Answer(description: SuccessDescription(.ok, schema: Response.schema, headers: [.eTag])) {
            resource throws(DomainError) in
            let json = resource.json
            let eTag = try ETag(of: resource, json: json)
            return Reply(status: .ok, contentType: .json, headers: [.eTag: eTag.text], body: json)
        }
    }

    /// 201 with a new resource, its `ETag`, and as `Location` the address `collection` followed by the resource's id.
    package static func created(_: Response.Type = Response.self, in collection: String) -> Answer {
        Answer(description: SuccessDescription(.created, schema: Response.schema, headers: [.eTag, .location])) {
            resource throws(DomainError) in
            let json = resource.json
            let eTag = try ETag(of: resource, json: json)
            let location = "\(collection)/\(resource.resourceID)"
            return Reply(
                status: .created,
                contentType: .json,
                headers: [.eTag: eTag.text, .location: location],
                body: json
            )
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
    /// Header fields that the answer always has, besides those of every answer.
    package let headers: [HTTPField.Name]
    /// Whether a caller who has the current version already gets 304 instead (RFC 9110 section 13.1.2).
    package let heedsIfNoneMatch: Bool
    /// Header fields of a redirect that may be the answer instead; nil when there is never one.
    package let redirectHeaders: [HTTPField.Name]?

    package init(
        status: HTTPResponse.Status,
        contentType: ContentType? = nil,
        schema: JSONValue? = nil,
        headers: [HTTPField.Name] = [],
        heedsIfNoneMatch: Bool = false,
        redirectHeaders: [HTTPField.Name]? = nil
    ) {
        self.status = status
        self.contentType = contentType
        self.schema = schema
        self.headers = headers
        self.heedsIfNoneMatch = heedsIfNoneMatch
        self.redirectHeaders = redirectHeaders
    }

    init(
        _ status: HTTPResponse.Status,
        contentType: ContentType? = .json,
        schema: JSONValue?,
        headers: [HTTPField.Name]
    ) {
        self.init(status: status, contentType: contentType, schema: schema, headers: headers)
    }
}
