// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension DomainError {
    static let taken = DomainError(.conflict, "It is taken.")

    /// A name in `field` that nothing has.
    static func unknown(_ field: String) -> DomainError {
        let field = Field(field, code: "unknown", message: "names something that does not exist")
        return DomainError(.validationFailed, "The input is not valid.", fields: [field])
    }
}

extension Sequence {
    /// The page after the element with the id `after`, newest first.
    func page<Entity>(
        after: Identifier<Entity>?,
        limit: Int,
        id: (Element) -> Identifier<Entity>
    ) -> [Element] {
        let sorted = sorted { id($0).description > id($1).description }
        let rest = after.map { after in sorted.filter { id($0).description < after.description } } ?? sorted
        return Array(rest.prefix(limit))
    }
}
