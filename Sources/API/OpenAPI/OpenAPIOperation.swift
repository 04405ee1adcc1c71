// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Schemas

/// One operation in the words of OpenAPI.
struct OpenAPIOperation {
    private let endpoint: Endpoint

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    /// The Operation Object; what it shares with others goes to `components`.
    func json(_ components: inout OpenAPIComponents) -> JSONValue {
        let access = OpenAPIAccess(rule: endpoint.rule)
        var members: [String: JSONValue] = [
            "operationId": .string(OpenAPIOperationID.of(endpoint)),
            "summary": .string(endpoint.summary),
            "description": .string(access.summary),
            "tags": [.string(OpenAPITag.of(endpoint.path).name)],
            "security": access.security,
            "x-postern-access": access.matrix,
            "responses": responses(&components),
        ]
        let parameters = pathParameters + queryParameters + headerParameters
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        members["requestBody"] = requestBody(&components)
        return .object(members)
    }

    private var pathParameters: [JSONValue] {
        endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            let isID = name == "id" || name.hasSuffix("_id")
            return [
                "name": .string(name),
                "in": "path",
                "required": true,
                "schema": isID ? ["type": "string", "format": "uuid"] : ["type": "string", "minLength": 1],
            ]
        }
    }

    private var queryParameters: [JSONValue] {
        let fields: [any FieldDescription] =
            switch endpoint.input {
            case .query(let fields), .rawQuery(let fields): fields
            case .nothing, .body, .optionalBody, .form, .rawForm: []
            }
        return fields.map { field in
            var schema = field.schema.object ?? [:]
            // Tools would put it into the form, and nobody wants to search for an example.
            schema["examples"] = nil
            schema["default"] = field.defaultValue
            return [
                "name": .string(field.name),
                "in": "query",
                "required": .bool(field.isRequired),
                "description": .string(field.summary),
                "schema": .object(schema),
            ]
        }
    }

    private var headerParameters: [JSONValue] {
        var parameters: [JSONValue] = []
        if endpoint.success.heedsIfNoneMatch { parameters.append(OpenAPIComponents.ifNoneMatch) }
        if endpoint.takesIfMatch { parameters.append(OpenAPIComponents.ifMatch) }
        if endpoint.takesIdempotencyKey { parameters.append(OpenAPIComponents.idempotencyKey) }
        return parameters
    }

    private func requestBody(_ components: inout OpenAPIComponents) -> JSONValue? {
        switch endpoint.input {
        case .nothing, .query, .rawQuery:
            return nil
        case .body(let schema):
            return body("application/json", components.reference(schema), isRequired: true)
        case .optionalBody(let schema):
            return body("application/json", components.reference(schema), isRequired: false)
        case .form(let fields): return form(fields, allowsOthers: true)
        case .rawForm(let fields): return form(fields, allowsOthers: false)
        }
    }

    private func body(_ type: String, _ schema: JSONValue, isRequired: Bool) -> JSONValue {
        ["required": .bool(isRequired), "content": .object([type: ["schema": schema]])]
    }

    private func form(_ fields: [any FieldDescription], allowsOthers: Bool) -> JSONValue {
        let schema: JSONValue = [
            "type": "object",
            "properties": .object(Dictionary(fields.map { ($0.name, $0.documentation) }) { first, _ in first }),
            "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
            "additionalProperties": .bool(allowsOthers),
        ]
        return body("application/x-www-form-urlencoded", schema, isRequired: true)
    }

    private func responses(_ components: inout OpenAPIComponents) -> JSONValue {
        var responses = [String(endpoint.success.status.code): success(&components)]
        for (status, codes) in Dictionary(grouping: endpoint.possibleErrors, by: \.status) {
            responses[String(status.code)] = components.problem(status, Set(codes))
        }
        if endpoint.givesOAuthErrors {
            let badRequest = String(HTTPResponse.Status.badRequest.code)
            responses[badRequest] = components.oauthError(or: endpoint.possibleErrors)
        }
        if let headers = endpoint.success.redirectHeaders {
            responses[String(HTTPResponse.Status.found.code)] = [
                "description": .string(HTTPResponse.Status.found.reasonPhrase),
                "headers": OpenAPIComponents.headers([.requestID, .location] + headers),
            ]
        }
        if endpoint.success.heedsIfNoneMatch {
            responses[String(HTTPResponse.Status.notModified.code)] = [
                "description": .string(HTTPResponse.Status.notModified.reasonPhrase),
                "headers": OpenAPIComponents.headers([.requestID, .eTag]),
            ]
        }
        return .object(responses)
    }

    private func success(_ components: inout OpenAPIComponents) -> JSONValue {
        let success = endpoint.success
        var headers = [HTTPField.Name.requestID] + success.headers
        if endpoint.takesIdempotencyKey { headers.append(.idempotentReplayed) }
        var members: [String: JSONValue] = [
            "description": .string(success.status.reasonPhrase),
            "headers": OpenAPIComponents.headers(headers),
        ]
        if let type = success.contentType {
            // Without parameters such as charset, which are no part of what is agreed on.
            let name = String(type.rawValue.prefix { $0 != ";" })
            let content: JSONValue = success.schema.map { ["schema": components.reference($0)] } ?? [:]
            members["content"] = .object([name: content])
        }
        return .object(members)
    }
}
