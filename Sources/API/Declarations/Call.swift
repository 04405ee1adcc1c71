// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas

/// One request, as an operation sees it.
package struct Call: Sendable {
    /// The longest body that is read, in bytes.
    static let maximumBodySize = 64 * 1024

    let request: Request
    let parameters: APIRouter.Parameters
    /// Where the request comes from; nil when it came by a socket file and nobody who is trusted says more.
    package let clientAddress: IPAddress?

    /// The value of a path parameter as the id of an `Entity`.
    ///
    /// - Throws: ``ErrorCode/notFound`` when it is no id at all: nothing has such an id.
    package func id<Entity>(_ name: String, of _: Entity.Type = Entity.self) throws(DomainError) -> Identifier<Entity> {
        guard let id = Identifier<Entity>(parameter(name)) else {
            throw DomainError(.notFound, "There is nothing with this id.")
        }
        return id
    }

    /// The text of a path parameter; empty when the path has none of this name.
    package func parameter(_ name: String) -> String {
        parameters.first { $0.name == name }.map { String($0.value) } ?? ""
    }

    /// The query parameters in their order.
    package var query: [(name: String, value: String)] {
        request.query.map(FormURLEncoded.decode) ?? []
    }

    /// The value of a query parameter that stands exactly once.
    package func queryValue(_ name: String) -> String? {
        let values = query.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }

    /// The value of a header field.
    package func header(_ name: HTTPField.Name) -> String? {
        request.headers[name]
    }

    /// The value of a cookie; nil when it is absent or stands twice.
    package func cookie(_ name: String) -> String? {
        let pairs = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
        let values = pairs.compactMap { pair -> Substring? in
            let pair = pair.drop { $0 == " " }
            guard pair.hasPrefix("\(name)=") else { return nil }
            return pair.dropFirst(name.count + 1)
        }
        return values.count == 1 ? String(values[0]) : nil
    }

    /// What `If-Match` asks of the entity that callers see as `resource`.
    ///
    /// - Throws: ``ErrorCode/malformed`` when the header has not the form of RFC 9110 section 13.1.1.
    func precondition<Entity, Resource: ResourceSchema>(
        on resource: @escaping @Sendable (Entity) -> Resource
    ) throws(DomainError) -> Precondition<Entity> {
        try IfMatch(request.headers).precondition(resource)
    }

    /// Whether the request has a body, be it an empty one of a declared type.
    var hasBody: Bool {
        request.headers[.contentType] != nil || request.headers[.transferEncoding] != nil
            || request.headers[.contentLength].map { $0 != "0" } ?? false
    }

    /// - Throws: ``ErrorCode/validationFailed`` naming the parameters when the query has any.
    func refuseQuery() throws(DomainError) {
        let fields = query.prefix(20).map {
            DomainError.Field(String($0.name.prefix(64)), code: "unknown", message: "is not a known parameter")
        }
        guard fields.isEmpty else { throw DomainError(.validationFailed, "The input is not valid.", fields: fields) }
    }

    /// The body as JSON.
    ///
    /// - Throws: ``ErrorCode/unsupportedMediaType``, ``ErrorCode/payloadTooLarge``, ``ErrorCode/malformed``.
    func jsonBody() async throws(DomainError) -> JSONValue {
        guard mediaType == "application/json", request.headers[.contentEncoding] == nil else {
            throw DomainError(.unsupportedMediaType, "The body must be application/json in UTF-8, not compressed.")
        }
        let bytes = try await bodyBytes()
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw DomainError(.malformed, "The body is not valid JSON: \(error).")
        }
    }

    /// The fields of a body of type `application/x-www-form-urlencoded`, as HTML forms send it.
    ///
    /// - Throws: as ``jsonBody()``.
    func formBody() async throws(DomainError) -> [(name: String, value: String)] {
        guard mediaType == "application/x-www-form-urlencoded" else {
            throw DomainError(.unsupportedMediaType, "The body must be application/x-www-form-urlencoded.")
        }
        return FormURLEncoded.decode(String(decoding: try await bodyBytes(), as: UTF8.self)[...])
    }

    /// The media type without parameters; nil when a charset other than UTF-8 is named.
    private var mediaType: Substring? {
        guard let header = request.headers[.contentType] else { return nil }
        let parts = header.lowercased().split(separator: ";").map { part in
            var part = part
            while part.first == " " { part.removeFirst() }
            while part.last == " " { part.removeLast() }
            return part
        }
        let isUTF8 = parts.dropFirst().allSatisfy { !$0.hasPrefix("charset=") || $0.dropFirst(8).contains("utf-8") }
        return isUTF8 ? parts.first : nil
    }

    /// - Throws: ``ErrorCode/payloadTooLarge``, ``ErrorCode/malformed`` when it does not come whole,
    ///   ``ErrorCode/requestTimeout`` when it does not come in time.
    func bodyBytes() async throws(DomainError) -> [UInt8] {
        switch request.body {
        case .empty: []
        case .bytes(let bytes): bytes
        case .arriving(let body): try await body.bytes()
        }
    }
}
