// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Schemas

/// Where an operation's input stands and what it may be.
package struct Input<Schema: RequestSchema>: Sendable {
    let description: InputDescription
    let read: @Sendable (Call) async throws(DomainError) -> Schema

    /// A JSON object in the body.
    package static func body(_: Schema.Type = Schema.self) -> Input {
        Input(description: .body(Schema.schema)) { call throws(DomainError) in
            try call.refuseQuery()
            return try Schema.read(try await call.jsonBody())
        }
    }

    /// A JSON object in the body, or no body at all, which stands for an object without members.
    package static func optionalBody(_: Schema.Type = Schema.self) -> Input {
        Input(description: .optionalBody(Schema.schema)) { call throws(DomainError) in
            try call.refuseQuery()
            guard call.hasBody else { return try Schema.read(.object([:])) }
            return try Schema.read(try await call.jsonBody())
        }
    }

    /// An HTML form; what is not known in it is overlooked (RFC 6749 section 3.2).
    package static func form(_: Schema.Type = Schema.self) -> Input {
        let known = Set(Schema.fields.map(\.name))
        return Input(description: .form(Schema.fields)) { call throws(DomainError) in
            let form = try await call.formBody().filter { known.contains($0.name) }
            do throws(DomainError) {
                return try Schema.read(query: form)
            } catch {
                let reasons = error.fields.map { "\($0.name) \($0.message)" }.joined(separator: ", ")
                throw DomainError(.malformed, "The form is not valid: \(reasons).")
            }
        }
    }

    /// Query parameters.
    package static func query(_: Schema.Type = Schema.self) -> Input {
        Input(description: .query(Schema.fields)) { call throws(DomainError) in
            try Schema.read(query: call.query)
        }
    }
}

extension Input<NoInput> {
    /// Neither body nor query.
    package static var nothing: Input {
        Input(description: .nothing) { call throws(DomainError) in
            try call.refuseQuery()
            return NoInput()
        }
    }
}

/// An ``Input`` whatever its schema's type.
package enum InputDescription: Sendable {
    case nothing
    case query([any FieldDescription])
    /// A JSON object of this JSON Schema.
    case body(JSONValue)
    case optionalBody(JSONValue)
    /// Query parameters that the handler reads by itself; it overlooks others.
    case rawQuery([any FieldDescription])
    /// An HTML form in which others may stand besides these.
    case form([any FieldDescription])
    /// An HTML form that the handler reads by itself.
    case rawForm([any FieldDescription])
}
