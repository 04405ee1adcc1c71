// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import NIOHTTP1
import Schemas

/// The header `If-Match` (RFC 9110 section 13.1.1): change the thing only as long as it is what the caller has seen.
enum IfMatch: Equatable {
    /// `*`, or no header at all: whichever version there is.
    case anything
    case oneOf([String])

    /// - Throws: ``ErrorCode/malformed`` when it is neither `*` nor a list of entity tags.
    init(_ headers: HTTPHeaders) throws(DomainError) {
        let values = headers[values: .ifMatch]
        let tags = values.flatMap { $0.split(separator: ",") }.map { tag in
            String(tag.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard !values.isEmpty, tags != ["*"] else {
            self = .anything
            return
        }
        guard !tags.isEmpty, tags.allSatisfy(Self.isEntityTag) else {
            throw DomainError(.malformed, "The If-Match header must be * or a list of entity tags in quotes.")
        }
        self = .oneOf(tags)
    }

    /// What must hold of an entity that callers see as `resource`.
    func precondition<Entity, Resource: ResourceSchema>(
        _ resource: @escaping @Sendable (Entity) -> Resource
    ) -> Precondition<Entity> {
        guard case .oneOf(let tags) = self else { return .none }
        return Precondition { entity throws(DomainError) in
            let resource = resource(entity)
            // A weak tag (W/"…") never equals: If-Match takes the strong comparison.
            guard tags.contains(try ETag(of: resource, json: resource.json).text) else {
                throw DomainError(.staleVersion, "It was changed since this version was read; read it again.")
            }
        }
    }

    private static func isEntityTag(_ text: String) -> Bool {
        let opaque = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        return opaque.utf8.count >= 2 && opaque.hasPrefix("\"") && opaque.hasSuffix("\"")
            && !opaque.dropFirst().dropLast().contains("\"")
    }
}
